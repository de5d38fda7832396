"""Learns from labelled messages which words go with what, and writes what `parsers.opinion` reads: `make learn`."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from learning.messages import Labelled, labelled
from parsers.opinion import LEARNED, SCALE, WORDS, features, slot_of
from parsers.vocabulary import load

ACTS = (
    *("mentor_offer", "shadow_offer", "mentor_request", "shadow_request"),
    *("opt_out", "opt_in", "withdraw", "update", "service_seeker", "question", "referral", "spam"),
)
SCREENED = ("crisis", "safeguarding", "everyday")  # of every message it is known whether it is one
KEPT = 60_000  # features, those that weigh most
SLOTS = 2**17  # of the table; twice as many as are taken
TWICE = 2  # messages that a feature must stand in
STRENGTH = 60.0  # the inverse of the regularisation, by cross-validation


def train(messages: Sequence[Labelled]) -> bytes:
    """Return the file: fitted on all features, then once more on those that weighed most for any label."""
    vectors = TfidfVectorizer(analyzer=_features, min_df=TWICE)
    fits = _fits(vectors, messages)
    names = vectors.get_feature_names_out()
    weight = np.max([np.abs(fit.coef_[0]) / np.abs(fit.coef_[0]).std() for fit in fits.values()], axis=0) * vectors.idf_
    order = sorted(range(len(names)), key=lambda row: (" " in names[row], -weight[row]))
    vectors = TfidfVectorizer(analyzer=_features, vocabulary=sorted(names[row] for row in order[:KEPT]))
    fits = _fits(vectors, messages)
    return _table(vectors, fits)


def _features(words: str) -> list[str]:
    return sorted(map(bytes.decode, features(words.split()[:WORDS])))


def _fits(vectors: TfidfVectorizer, messages: Sequence[Labelled]) -> dict[str, LogisticRegression]:
    table = vectors.fit_transform(message.words for message in messages)
    of_acts = [number for number, message in enumerate(messages) if not message.screened_only]
    return {
        **{act: _fit(act, table, messages, of_acts) for act in ACTS},
        **{risk: _fit(risk, table, messages, range(len(messages))) for risk in SCREENED},
    }


def _fit(label: str, table: Any, messages: Sequence[Labelled], numbers: Sequence[int]) -> LogisticRegression:  # noqa: ANN401 - SciPy's
    """Where another careful reader would have found the act, the message says nothing of it."""
    sure = [number for number in numbers if label in messages[number].labels or label not in messages[number].fair]
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear", random_state=1)
    return model.fit(table[sure], [label in messages[number].labels for number in sure])


def _table(vectors: TfidfVectorizer, fits: dict[str, LogisticRegression]) -> bytes:
    names = vectors.get_feature_names_out()
    keys, rows = array("I", bytes(4 * SLOTS)), array("H", bytes(2 * SLOTS))
    for row, name in enumerate(names):
        key = crc32(name.encode())
        slot = slot_of(key, keys)
        keys[slot], rows[slot] = key, row
    rarity = array("b", (min(127, round(number * SCALE)) for number in vectors.idf_))
    weighed = [array("h", (round(number * SCALE**2) for number in vectors.idf_ * fit.coef_[0])) for fit in fits.values()]
    bias = {label: round(float(fit.intercept_[0]), 2) for label, fit in fits.items()}
    columns = (keys, rows, rarity, *weighed)
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return b"".join((json.dumps({"slots": SLOTS, "rows": len(names), "bias": bias}).encode(), b"\n", *map(bytes, columns)))


def main(path: Path = LEARNED) -> None:
    path.write_bytes(train(list(labelled(load()))))


if __name__ == "__main__":
    main()
