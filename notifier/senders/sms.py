"""Texts go out through Twilio's REST API."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient

from db.outbox import Draft
from notifier.senders import SendError

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT = 20.0  # seconds; the client's own default is none at all
OPTED_OUT = 21610
# Where requests and urllib3 are before the first byte of a request leaves: names, connections, handshakes, proxies, CA bundles.
BEFORE_THE_REQUEST = {"_new_conn", "_validate_conn", "_prepare_proxy", "cert_verify"}
# https://www.twilio.com/docs/api/errors: not a number that takes texts, or not one that we may text.
NEVER = {21211, 21214, 21217, 21408, 21421, 21610, 21612, 21614, 30005, 30006}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """The account that texts are sent from, and where Twilio reports back."""

    account_sid: str
    auth_token: str = field(repr=False)
    phone_number: str = ""
    messaging_service_sid: str = ""
    api_url: str = "https://api.twilio.com"
    public_url: str = ""  # "" where Twilio cannot reach us, so that no callbacks come


class SmsSender:
    """Sends texts from one Twilio account."""

    channel = "sms"
    deadline = TIMEOUT * 2  # to connect, and to read

    def __init__(self, account: TwilioAccount, *, timeout: float = TIMEOUT) -> None:
        self._account = account
        self._client = client(account, timeout=timeout)

    def send(self, draft: Draft, *, now: datetime) -> str:  # noqa: ARG002
        """Returns the message's SID."""
        try:
            return str(self._client.messages.create(to=draft.recipient, body=draft.body, **self._options(draft)).sid)
        except TwilioRestException as error:
            raise _refused(error) from error
        except (RequestException, TwilioException, OSError, ValueError, KeyError) as error:
            raise _broken(error) from error

    def close(self) -> None:
        session = getattr(self._client.http_client, "session", None)
        if session is not None:
            session.close()

    def _options(self, draft: Draft) -> Mapping[str, str]:
        account = self._account
        if account.messaging_service_sid:
            options = {"messaging_service_sid": account.messaging_service_sid}
        else:
            options = {"from_": account.phone_number}
        if account.public_url:
            options["status_callback"] = f"{account.public_url}/sms/status?key={quote(draft.key)}"
        return options


def client(account: TwilioAccount, *, timeout: float = TIMEOUT) -> Client:
    """The official client, held to a time-out, and led to a proxy or a stand-in where the settings name one."""
    from twilio.rest import Client  # 13 MB that a process without texts does without

    made = Client(account.account_sid, account.auth_token, http_client=TwilioHttpClient(timeout=timeout))
    made.api.base_url = account.api_url
    return made


def _refused(error: TwilioRestException) -> SendError:
    """What Twilio answered: it did not take the message, but for a gateway that gave up waiting (502, 504), which nobody knows."""
    code = error.code or 0
    reason = f"Twilio {code or error.status}"
    if error.status in (502, 504):
        return SendError(reason, unknown=True)
    return SendError(reason, permanent=code in NEVER, opted_out=code == OPTED_OUT, login_refused=error.status == 401)


def _broken(error: Exception) -> SendError:
    """A connection that was never made sent nothing; one that broke afterwards may have."""
    return SendError(f"not reached: {type(error).__name__}", unknown=not _came_before_the_request(error))


def _came_before_the_request(error: BaseException | None) -> bool:
    while error is not None:
        if any(frame.f_code.co_name in BEFORE_THE_REQUEST for frame, _ in traceback.walk_tb(error.__traceback__)):
            return True
        error = error.__cause__ or error.__context__
    return False
