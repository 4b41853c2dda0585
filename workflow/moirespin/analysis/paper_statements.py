"""The paper's statements about where errors rise and fall, each with its sentence.

Sentences are quoted from the copy of the paper that was available, which lacks symbols and many
numbers: [] stands for what is missing, ... for words left out.
"""

from typing import NamedTuple

# What is looked along, besides theta, J, D and the distances to the boundaries.
TRAINING_SAMPLES = "training samples in the bin of "
CRI3_BIN = "CrI3 in the bin of "
PHASE = "phase, MD after NCD"
EITHER = 2


class Statement(NamedTuple):
    """One statement.

    Attributes:
        panel: of the paper's figure.
        section: of the paper that holds the sentence.
        sentence: of the paper.
        quantity: whose change is stated.
        along: what it changes along.
        sign: 1 for a rise, -1 for a fall, 0 for no correlation, `EITHER` for one of either sign.
        inferred: whether the sentence only implies it.
        share: the statement is about this share of the axis, from its lower end.
    """

    panel: str
    section: str
    sentence: str
    quantity: str
    along: str
    sign: int
    inferred: bool = False
    share: float = 1.0


SMALL_TWIST = "MAPE values remain below 0.1 in the small twist angle regime"
LOW_PARAMETER = "the MAPE value for [] and [] tend to increase as their true values decrease"
SCARCITY = "the MAE values tend to increase as their corresponding values of [N] decrease"
SMALL_D = "an unusual rise in [] within a range characterized by a small [] value, despite an"
SMALL_D += " increase in []"
NO_CORRELATION = "no discernible correlations between []-[], []-[], []-[], and []-[]"
MUTUAL = "noticeable correlations exist between []-[] and []-[]"
UNDERESTIMATED = "a tendency for underestimation in [] to coincide with overestimation in []"
TOWARDS_FM = "a notable increase in MAE values as the Euclidean distance to the FM-NCD phase"
TOWARDS_FM += " boundary decreases"
NOT_TOWARDS_MD = "no discernible correlation is found between the MAE values and the Euclidean"
NOT_TOWARDS_MD += " distance to the NCD-MD phase boundary"
WORSE_MD = "in the MD phase, relatively large MAE values exceeding [] appear in a layer where"
WORSE_MD += " magnetic domains form"
MAGNIFIED = "the magnification of errors with increasing [D] (Fig. 8(e))"
IMAGES_FM = "no discernible correlation between the average MAE value and the distance to the"
IMAGES_FM += " FM-NCD phase boundary"
IMAGES_MD = "a striking correlation with the distance to the NCD-MD phase boundary, showing a"
IMAGES_MD += " steep increase near the phase boundary"
SMALL_TWIST_M = "MAPE values remain below [] in the small twist angle regime"
NEAR_CRI3 = "MAPE values remain ... below [] near [] pertinent to CrI3"
MAGNETISATION_FM = "no discernible correlation between [] and the distance to the FM-NCD phase"
MAGNETISATION_FM += " boundary"
MAGNETISATION_MD = "a striking increasing tendency of [] emerges near the NCD-MD phase boundary"
VALIDATION, CORRELATION = "III.1.1", "III.1.2"
IMAGES, BOUNDARY, MAGNETISATION = "III.2.1", "III.2.2", "III.2.3"
FM, MD = "distance to FM-NCD", "distance to NCD-MD"
MAPE_M, MAE_M = "percentage error of magnetisation", "|error of magnetisation|"

STATEMENTS = (
    Statement("3d", VALIDATION, SMALL_TWIST, "percentage error of theta", "theta", 1, True),
    Statement("3e", VALIDATION, LOW_PARAMETER, "percentage error of J", "J", -1),
    Statement("3f", VALIDATION, LOW_PARAMETER, "percentage error of D", "D", -1),
    Statement("4a", CORRELATION, SCARCITY, "|error of theta|", f"{TRAINING_SAMPLES}theta", -1),
    Statement("4e", CORRELATION, SCARCITY, "|error of J|", f"{TRAINING_SAMPLES}J", -1),
    Statement("4i", CORRELATION, SCARCITY, "|error of D|", f"{TRAINING_SAMPLES}D", -1),
    Statement("4i", CORRELATION, SMALL_D, "|error of D|", "D", -1, share=0.4),
    Statement("4b", CORRELATION, NO_CORRELATION, "|error of theta|", "J", 0),
    Statement("4c", CORRELATION, NO_CORRELATION, "|error of theta|", "D", 0),
    Statement("4d", CORRELATION, NO_CORRELATION, "|error of J|", "theta", 0),
    Statement("4g", CORRELATION, NO_CORRELATION, "|error of D|", "theta", 0),
    Statement("4f", CORRELATION, MUTUAL, "|error of J|", "D", EITHER),
    Statement("4h", CORRELATION, MUTUAL, "|error of D|", "J", EITHER),
    Statement("5", CORRELATION, UNDERESTIMATED, "error of D", "error of J", -1),
    Statement("6a", CORRELATION, TOWARDS_FM, "|error of theta|", FM, -1),
    Statement("6b", CORRELATION, TOWARDS_FM, "|error of J|", FM, -1),
    Statement("6c", CORRELATION, TOWARDS_FM, "|error of D|", FM, -1),
    Statement("6d", CORRELATION, NOT_TOWARDS_MD, "|error of theta|", MD, 0),
    Statement("6e", CORRELATION, NOT_TOWARDS_MD, "|error of J|", MD, 0),
    Statement("6f", CORRELATION, NOT_TOWARDS_MD, "|error of D|", MD, 0),
    Statement("8b", IMAGES, WORSE_MD, "image MAE", PHASE, 1),
    Statement("8e", BOUNDARY, MAGNIFIED, "image MAE", "D", 1),
    Statement("9a", BOUNDARY, IMAGES_FM, "image MAE", FM, 0),
    Statement("9b", BOUNDARY, IMAGES_MD, "image MAE", MD, -1),
    Statement("10a", MAGNETISATION, SMALL_TWIST_M, MAPE_M, "theta", 1, True),
    Statement("10b", MAGNETISATION, NEAR_CRI3, MAPE_M, f"{CRI3_BIN}J", -1, True),
    Statement("10c", MAGNETISATION, NEAR_CRI3, MAPE_M, f"{CRI3_BIN}D", -1, True),
    Statement("10d", MAGNETISATION, MAGNETISATION_FM, MAE_M, FM, 0),
    Statement("10e", MAGNETISATION, MAGNETISATION_MD, MAE_M, MD, -1),
)
