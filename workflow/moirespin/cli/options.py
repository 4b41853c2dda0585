"""What the commands' options have in common: a parser that says one sentence, bounds, windows."""

import argparse
import difflib
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from moirespin.images.window import Window

LONGEST_SHOWN = 100
# Window and pixels of the paper's images.
WINDOW_NM = 100.0
PIXELS = 200


class Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong instead of printing the usage and leaving."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as argparse does, but name a mistyped option before whatever is missing then.

        Raises:
            ValueError: if a command does not know an option.
        """
        for given in args or []:
            name = given.partition("=")[0]
            known = self._option_string_actions
            if self._subparsers is None and name.startswith("--") and name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f": did you mean {close[0]}?" if close else f": see {self.prog} --help"
                raise ValueError(f"unknown option {shorten(name)}{hint}")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Raise the sentence that says what is wrong with the command line.

        Raises:
            ValueError: always.
        """
        # "argument --m: is 1, but must be ..." becomes "--m is 1, but must be ...".
        sentence = re.sub(r"^argument (-[^\s/:]+)[^:]*: (is|has) ", r"\1 \2 ", message)
        raise ValueError(sentence.removeprefix("argument "))


def number(
    lowest: float, highest: float, *, above: bool = False, whole: bool = False
) -> Callable[[str], float]:
    """Return the type of an option that takes a number from `lowest` to `highest`.

    Args:
        lowest: least number that is allowed; with `above`, all that are larger.
        highest: largest number that is allowed.
        above: whether `lowest` itself is not allowed.
        whole: whether the number must be whole.
    """
    kind = "a whole number" if whole else "a number"
    first = f"above {lowest:g} and up" if above else f"from {lowest:g}"

    def parse(text: str) -> float:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = math.nan
        if not (lowest < value <= highest or (value == lowest and not above)):
            raise argparse.ArgumentTypeError(
                f"is {shorten(text)}, but must be {kind} {first} to {highest:g}"
            )
        return value

    return parse


def shorten(text: str) -> str:
    """Return a text as it is shown in a sentence: one line, not longer than a line."""
    shown = text if text.isprintable() and text.strip() else repr(text)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."


def add_window(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window through which a state is seen."""
    window = parser.add_argument_group("window of pictures, images and tables")
    window.add_argument(
        "--window-nm",
        type=number(0, 10_000, above=True),
        default=WINDOW_NM,
        metavar="NM",
        help="side of the square window (default: %(default)g)",
    )
    window.add_argument(
        "--pixels",
        type=number(4, 4096, whole=True),
        default=PIXELS,
        metavar="N",
        help="pixels along a side (default: %(default)d)",
    )
    window.add_argument(
        "--rotation-deg",
        type=number(-360, 360),
        default=0.0,
        metavar="DEG",
        help="how far the window is turned on the sample, counter-clockwise (default: 0)",
    )
    window.add_argument(
        "--offset-nm",
        type=number(-100_000, 100_000),
        nargs=2,
        default=(0.0, 0.0),
        metavar=("X", "Y"),
        help="where the middle of the window lies on the sample (default: 0 0, the common centre"
        " of two hexagons)",
    )


def window_of(options: argparse.Namespace) -> Window:
    """Return the window that the options of `add_window` say."""
    return Window(options.window_nm, options.pixels, options.rotation_deg, tuple(options.offset_nm))
