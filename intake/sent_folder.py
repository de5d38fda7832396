"""Mails that the server took, by the folder in which it keeps what was sent."""

from __future__ import annotations

from contextlib import suppress

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from db.doubts import Doubt, Taken
from intake import imap
from intake.imap import ImapServer
from notifier.reconciler import CannotLook, Looked
from parsers.errors import kind_and_place
from parsers.mail import LOOP_HEADER


class SentFolder:
    """Looks into it for a mail by its Message-ID, or where the server wrote that anew by the key that we gave it."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server
        self._client: IMAPClient | None = None

    def look(self, doubt: Doubt) -> Looked:
        """Where the folder holds nothing of ours at all, the server keeps no copies, and not to find one tells nothing."""
        try:
            client = self._open()
            if any(imap.search_header(client, *one) for one in (("Message-ID", doubt.message_id), (LOOP_HEADER, doubt.key))):
                return Looked([Taken(id=doubt.key)])
            return Looked(telling=imap.holds_ours(client))
        except (OSError, IMAPClientError) as error:
            self.close()
            raise CannotLook(kind_and_place(error)) from error

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, IMAPClientError):
                imap.close(client)

    def _open(self) -> IMAPClient:
        if self._client is None:
            self._client = imap.connect(self._server)
        self._client.select_folder(self._server.sent_folder, readonly=True)
        return self._client
