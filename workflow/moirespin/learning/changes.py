"""What can be done otherwise than in every run when a network is trained.

Imports nothing: the Snakefile imports this module in every job.
"""

from typing import NamedTuple


class Changes(NamedTuple):
    """What is done otherwise than in every run; the defaults change nothing.

    Attributes:
        ferromagnetic: threshold of eq. (14) above which sets are ferromagnetic and have no image.
        free: parts of an image's gauge that are drawn at random: sign, layer, rotation.
        split: `set`; `angle`, whose test part is whole angles; or `same angles`, the test samples
            at those angles of the split by set.
        sees: what the network sees, `spin` or `tilt`.
        learns: its target and loss: `squared`, `absolute` or `logarithmic`.
        noisy: whether its training images have noise.
    """

    ferromagnetic: float | None = None
    free: tuple[str, ...] = ()
    split: str = "set"
    sees: str | None = None
    learns: str | None = None
    noisy: bool = False
