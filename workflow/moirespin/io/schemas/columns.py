"""What the columns of tables and of the figures' numbers mean, with units.

A name means the same in all tables unless a table is listed with a meaning of its own.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """One column: its unit, "1" for a pure number and "" for a text, and its meaning."""

    unit: str
    meaning: str


COLUMNS = {
    # Parameter sets and states.
    "twist_index": Column("1", "commensurate twist index m; `all` for all of them together"),
    "set_number": Column("1", "number of the parameter set within its twist angle"),
    "twist_angle_deg": Column("degree", "twist angle"),
    "twist_angle": Column("degree", "twist angle"),
    "exchange_mev": Column("meV", "intralayer exchange J"),
    "exchange": Column("meV", "intralayer exchange J"),
    "anisotropy_mev": Column("meV", "anisotropy D"),
    "anisotropy": Column("meV", "anisotropy D"),
    "phase": Column("", "magnetic phase, FM, NCD or MD"),
    "line": Column("", "phase line that the row is a point of, FM-NCD or NCD-MD"),
    "layer": Column("", "layer of the sample, top or bottom"),
    "winner": Column("", "start that relaxed to the ground state"),
    "gap_to_runner_up_mev": Column("meV", "energy of the next state that is not degenerate"),
    "max_torque_mev": Column("meV", "largest torque in the ground state"),
    "average": Column("1", "mean of the layers' |m|, eq. (12a)"),
    "spin_x": Column("1", "S^x"),
    "spin_y": Column("1", "S^y"),
    "spin_z": Column("1", "S^z"),
    "x_nm": Column("nm", "place of the pixel, site or arrow, to the right"),
    "y_nm": Column("nm", "place of the pixel, site or arrow, upwards"),
    "end_x_nm": Column("nm", "other end of the bond or edge"),
    "end_y_nm": Column("nm", "other end of the bond or edge"),
    "interlayer_exchange_mev": Column("meV", "interlayer exchange of a site, summed over partners"),
    "example": Column("", "phase that an example of figure 2 was chosen for"),
    # Counts.
    "sets": Column("1", "parameter sets"),
    "samples": Column("1", "samples that the number rests on"),
    "count": Column("1", "test samples in the bin"),
    "training_count": Column("1", "training samples in the bin"),
    "training_samples": Column("1", "samples that the network was trained with"),
    "fm": Column("1", "ferromagnetic sets"),
    "ncd": Column("1", "noncollinear-domain sets"),
    "md": Column("1", "magnetic-domain sets"),
    "undetermined": Column("1", "sets without a finite state"),
    "fm_share": Column("1", "share of ferromagnetic sets"),
    "ncd_share": Column("1", "share of noncollinear-domain sets"),
    "md_share": Column("1", "share of magnetic-domain sets"),
    "undetermined_share": Column("1", "share of sets without a finite state"),
    "not_converged": Column("1", "sets that missed the torque tolerance"),
    "agree": Column("1", "sets whose phase is that of the exact lines"),
    "agree_percent": Column("percent", "share of the sets that agree"),
    "furthest": Column("1", "largest distance of another set from its line, normalised"),
    "came_back": Column("1", "tilted states that relaxed to the winner's energy"),
    "tilted_lowest_mev": Column("meV", "lowest energy of a tilted state above the winner's"),
    "trials_not_converged": Column("1", "trials that missed the torque tolerance"),
    "random_starts": Column("1", "random starts beside each winner"),
    "random_missed": Column("1", "sets whose ground state no random start found"),
    "random_missed_by_mev": Column("meV", "largest energy by which random starts missed it"),
    "random_below_winner": Column("1", "sets in which a random start ended below the winner"),
    "random_lowest_mev": Column("meV", "lowest energy of a random start above the winner's"),
    # Networks and their errors.
    "parameter": Column("", "twist_angle, exchange or anisotropy"),
    "unit": Column("", "unit of the row's parameter"),
    "true": Column("unit of the row", "true value; in images S^z"),
    "predicted": Column("unit of the row", "estimated value"),
    "generated": Column("1", "S^z of the generated image"),
    "percentage_error": Column("percent", "absolute error of the estimate"),
    "mape": Column("percent", "mean absolute percentage error of the test samples"),
    "paper_mape": Column("percent", "MAPE of the paper's three networks"),
    "joint_mape": Column("percent", "MAPE of the joint network"),
    "ratio": Column("1", "joint_mape over paper_mape"),
    "difference_error": Column("percent", "standard error of the difference"),
    "group": Column("", "samples of the row: all, or those of a phase"),
    "network": Column("", "network of the row"),
    "inputs": Column("1", "numbers that go into the layer"),
    "outputs": Column("1", "numbers that come out of the layer"),
    "weights": Column("1", "weights of the layer"),
    "biases": Column("1", "biases of the layer"),
    "epoch": Column("1", "passes through the training part, from 1"),
    "training_loss": Column("1", "loss on the training part, mean over the epoch"),
    "validation_loss": Column("1", "loss on the validation part at the end of the epoch"),
    "learning_rate": Column("1", "learning rate in the epoch"),
    "kept": Column("1", "whether the weights of this epoch were kept"),
    "snr_db": Column("dB", "signal-to-noise ratio; empty without noise"),
    "generator": Column("", "the paper's generator or the texture model"),
    "mean_error": Column("1", "mean |error of S^z| of an image"),
    "share": Column("1", "share of the test images with a smaller error"),
    # Binned errors.
    "axis": Column("", "what the bins are along"),
    "axis_unit": Column("", "unit of the axis"),
    "quantity": Column("", "what the row is about"),
    "lower": Column("unit of the axis", "lower end of the bin"),
    "upper": Column("unit of the axis", "upper end of the bin"),
    "mean": Column("unit of the quantity", "mean over the test samples of the bin"),
    "standard_error": Column("unit of the quantity", "standard error of the mean"),
    "panel": Column("", "panel of the figure that shows the row"),
    "item": Column("", "what the row belongs to in the figure"),
    # Principal components of the errors.
    "error_twist_angle": Column("1", "normalised error of θ, eq. (5)"),
    "error_exchange": Column("1", "normalised error of J, eq. (5)"),
    "error_anisotropy": Column("1", "normalised error of D, eq. (5)"),
    "component": Column("1", "number of the principal component"),
    "variance_ratio": Column("1", "share of the variance along the component"),
    "ratio_lower": Column("1", "lower end of the 95 % interval of the share"),
    "ratio_upper": Column("1", "upper end of the 95 % interval of the share"),
    "trimmed_ratio": Column("1", "that share without the largest 5 % of the errors"),
    "weight_twist_angle": Column("1", "component along the error of θ"),
    "weight_exchange": Column("1", "component along the error of J"),
    "weight_anisotropy": Column("1", "component along the error of D"),
    # What images tell of J and D.
    "weak_bound": Column("1", "least deviation along the weak direction, units of the box"),
    "strong_bound": Column("1", "least deviation along the other direction, units of the box"),
    "weak_angle_deg": Column("degree", "weak direction in the plane of normalised J and D"),
    "bound_twist_angle": Column("1", "least deviation of θ, units of the box"),
    "bound_exchange": Column("1", "least deviation of J, units of the box"),
    "bound_anisotropy": Column("1", "least deviation of D, units of the box"),
    "exchange_bound": Column("1", "least relative error of J, infinite if nothing is known"),
    "anisotropy_bound": Column("1", "least relative error of D, infinite if nothing is known"),
    "axis_deg": Column("degree", "principal axis of the errors of J and D"),
    "axis_spread_deg": Column("degree", "half of the axis's 95 % interval"),
    "turn_deg": Column("degree", "angle between a sample's error and its weak direction"),
    "weak_share": Column("1", "share of the squared errors along the weak directions"),
    "weak_share_lower": Column("1", "lower end of its 95 % interval"),
    "weak_share_upper": Column("1", "upper end of its 95 % interval"),
    "common_share": Column("1", "weak_share with the directions dealt out at random"),
    "common_share_lower": Column("1", "2.5 % quantile of it over the permutations"),
    "common_share_upper": Column("1", "97.5 % quantile of it over the permutations"),
    "sigma": Column("1", "deviation of the noise in units of S^z, median"),
    "contrast_snr_db": Column("dB", "variance of S^z over that of the noise, median"),
    "mape_joint": Column("percent", "MAPE of the joint network"),
    "mape_bound": Column("percent", "MAPE that the images allow"),
    "bounded": Column("1", "test samples whose bound is known"),
    "paper_bounded": Column("percent", "MAPE of the paper's networks of the bounded samples"),
    "joint_bounded": Column("percent", "MAPE of the joint network of the bounded samples"),
    "paper_over_bound": Column("1", "median |error| of the paper's network over its bound"),
    "joint_over_bound": Column("1", "median |error| of the joint network over its bound"),
    "below": Column("1", "order parameter of the domain state at the crossing"),
    "above": Column("1", "order parameter of its rival there"),
    "jump": Column("1", "difference of the two"),
    "metastable_mev": Column("meV", "J beyond the crossing up to which the domain state lives"),
    "sense": Column("", "in which the wall of the patch in the bottom layer turns"),
    "excess_mev": Column("meV", "energy per supercell above the ground state"),
    "patches_top": Column("1", "patches that the top layer has reversed after the relaxation"),
    "patches_bottom": Column("1", "patches that the bottom layer has reversed then"),
    "survived": Column("1", "whether each patch is reversed in the layer that it was put in"),
    "converged": Column("1", "whether the relaxation met the torque tolerance"),
    "variant": Column("", "name of the row's networks, as in choices/<variant>_<name>"),
    "choice": Column("", "what is chosen otherwise than in every run"),
    "fm_percent": Column("percent", "share of ferromagnetic sets"),
    "fitted_scale": Column("1", "λ at which the share of ferromagnets is the paper's"),
    "architecture": Column("1", "factor by which convolutions lower the error"),
    "input": Column("1", "factor by which tilts instead of spins lower it"),
    "loss": Column("1", "factor by which absolute errors of logarithms lower it"),
    "scaling": Column("", "how inputs are scaled: pixel, floor, layer or raw"),
    "trained": Column("", "clean or noisy: without or with noise"),
    "condition": Column("", "what was done to the images"),
    "networks": Column("", "the paper's networks or the joint one"),
    "trainings": Column("1", "trainings of the network"),
    "spread": Column("unit of the quantity", "standard deviation over the trainings"),
    "lowest": Column("unit of the quantity", "lowest number of a training"),
    "highest": Column("unit of the quantity", "highest number of a training"),
    "varied": Column("", "what differs from the usual probe"),
    "channel": Column("", "what the probe sees: net, top, both or stray-field"),
    "point_spread_nm": Column("nm", "standard deviation of the Gaussian point spread"),
    "height_nm": Column("nm", "height of the sensor above the top layer"),
    "gain": Column("", "whether the gain of the probe is known or free"),
    "scaled": Column("meV degree2", "Jθ²; in a cut the place along the cell's diagonal"),
    # Comparisons with the paper.
    "paper": Column("", "what the paper says"),
    "ours": Column("unit of the quantity", "the same of this run"),
    "error": Column("unit of the quantity", "bootstrap standard error; empty for what is counted"),
    "joint": Column("unit of the quantity", "the same by the joint network"),
    "joint_error": Column("unit of the quantity", "its standard error"),
    "reason": Column("", "why the number may differ from the paper's"),
    "value": Column("unit of the quantity", "the number"),
    "figure": Column("1", "figure of the paper"),
    "section": Column("", "section of the paper"),
    "sentence": Column("", "the paper's words"),
    "inferred": Column("", "whether the statement is only implied by them"),
    "along": Column("", "what the statement says the quantity changes with"),
    "correlation": Column("1", "Spearman's rank correlation over the test samples"),
    "by_rank": Column("", "what the correlation finds: rises, falls, no correlation or open"),
    "by_bins": Column("", "the same by the ratio of the halves"),
    "agrees": Column("", "whether the run shows what the paper says"),
    # Samples with large errors.
    "task": Column("", "theta, J, D or images"),
    "rank": Column("1", "1 for the largest error of the task"),
    "contrast": Column("1", "standard deviation of S^z in the layer that shows more"),
    "neighbour_distance": Column("1", "distance to the nearest training sample, in medians"),
    "neighbour_difference": Column("1", "difference from its image, in medians"),
    "neighbour_phase": Column("", "phase of the nearest training sample"),
    "neighbour_row": Column("1", "row of the nearest training sample in the dataset"),
    "distance_fm_ncd": Column("1", "normalised distance to the FM-NCD boundary"),
    "distance_ncd_md": Column("1", "normalised distance to the NCD-MD boundary"),
    "causes": Column("", "causes of the table error_causes that apply"),
    "cause": Column("", "what samples may have in common"),
    "share_of_all": Column("percent", "test samples to which the cause applies"),
    # Measured images, and inference put to the test.
    "name": Column("", "of the measured image, as in the config"),
    "image": Column("", "file of the measured image"),
    "pixel_nm": Column("nm", "distance of neighbouring pixels"),
    "units": Column("", "spin if the image is S^z or µT itself, or arbitrary"),
    "rotation_deg": Column("degree", "turn of the moiré lattice in the image"),
    "mirrored": Column("1", "whether the image is mirrored"),
    "layers_swapped": Column("1", "whether the layers have changed places"),
    "true_noise_std": Column("unit of the image", "standard deviation of the noise that was added"),
    "noise_std": Column("unit of the image", "standard deviation of the noise that was found"),
    "fm_line_distance_mev": Column("meV", "D of the FM-NCD line less the set's D"),
    "seconds": Column("s", "time that the inference took"),
    "outcome": Column("", "read, ferromagnet, or refused with the reason"),
    "p_value": Column("1", "goodness of fit; low if the model does not explain the image"),
    "goodness_of_fit": Column("1", "the same"),
    "unexplained": Column("1", "whether the inference says that the model does not explain it"),
    "texture_sigma": Column(
        "1", "distance of the image without noise from an empty one, over noise"
    ),
    "distance_sigma": Column("1", "its distance from the nearest image of the model, over noise"),
    "domains_hidden": Column(
        "1", "whether the domains lie in the layer that the probe is blind to"
    ),
    "model_sha256": Column("", "checksum of the texture model that the image was read with"),
    "source": Column("", "own or foreign: states of the model's interlayer exchange or another"),
    "distance": Column("", "range of distance_sigma"),
    "called": Column("1", "images that are called unexplained"),
    "called_share": Column("1", "their share"),
    "failure": Column("", "what went wrong"),
    "images_percent": Column("percent", "share of all images"),
    "least_texture_sigma": Column("1", "least distance of one of them from an empty image"),
    "most_texture_sigma": Column("1", "largest distance of one of them from an empty image"),
    "sets_of": Column("", "the images: twist index m and number of the set"),
    "modes": Column("1", "maxima of the posterior that hold more than 1 %"),
    "phase_found": Column("", "likeliest phase by the inference"),
    "phase_probability": Column("1", "probability of the phase"),
    "warnings": Column("", "what to beware of"),
    "images": Column("1", "images of the group"),
    "read": Column("1", "images of the group that were read"),
    "missed": Column("1", "share of truths outside of the 99.9 % interval"),
    "width": Column("1", "median deviation over the bound of Cramer and Rao"),
    "error_percent": Column("percent", "median relative error"),
    "low_goodness": Column("1", "share of images that the model does not explain"),
    "holds_95_error": Column("1", "binomial error of holds_95"),
    "median": Column("percent", "median absolute error"),
    "percent": Column("percent", "median of the bound over the states of a phase"),
    "bound": Column("", "bound that the row is about, of J or of D"),
    "states": Column("1", "ground states that the median is over"),
    "x": Column("", "place along the panel's horizontal axis"),
}
COLUMNS |= {
    f"holds_{share}": Column("1", f"share of truths inside of the {share} % interval")
    for share in (50, 68, 95)
}
# Of each parameter, with its name before the ending.
POSTERIOR = {
    "mean": "mean of the posterior",
    "std": "standard deviation of the posterior",
    "lower95": "lower end of the 95 % interval",
    "upper95": "upper end of the 95 % interval",
    "error": "mean less truth",
    "rank": "share of the posterior below the truth",
    "bound": "least standard deviation (Cramer and Rao)",
    "posed_bound": "the same with a known pose",
}
COLUMNS |= {
    f"{name}_{ending}": Column("1" if ending == "rank" else unit, f"{symbol}: {meaning}")
    for name, unit, symbol in (
        ("twist_angle_deg", "degree", "θ"),
        ("exchange_mev", "meV", "J"),
        ("anisotropy_mev", "meV", "D"),
        ("scaled_exchange_mev_deg2", "meV degree2", "Jθ²"),
    )
    for ending, meaning in POSTERIOR.items()
}
COLUMNS |= {
    f"share_of_worst_{task}": Column(
        "percent", f"the worst 5 % by errors of {task} to which it does"
    )
    for task in ("theta", "J", "D", "images")
}
COLUMNS |= {
    f"{name}_{symbol}": Column("percent", f"{meaning} of {symbol}")
    for symbol in ("theta", "J", "D")
    for name, meaning in (
        ("mape", "mean absolute percentage error"),
        ("error", "bootstrap standard error of the mean percentage error"),
        ("noisy", "mean absolute percentage error with noise, at choices.snr_db,"),
    )
}
COLUMNS |= {
    f"mean_error_{task}": Column("1" if task == "images" else "percent", "mean error where it does")
    for task in ("theta", "J", "D", "images")
}
# Meanings of their own, by table or figure.
OF_TABLE = {
    "fig08": {"difference": Column("1", "absolute difference of generated and true S^z")},
    "fig11": {"difference": Column("1", "difference of the layers' |m|, eq. (12b)")},
    "networks": {"difference": Column("percent", "joint_mape less paper_mape")},
    "fig12": {"layer": Column("", "layer of the network")},
    "fig13": {"layer": Column("", "layer of the network")},
    "trends": {
        "lower": Column("1", "lower end of the correlation's 95 % interval"),
        "upper": Column("1", "upper end of the correlation's 95 % interval"),
        "share": Column("1", "part of the axis that the statement is about, from its lower end"),
        "ratio": Column("1", "mean in the upper half of the axis over that in the lower half"),
        "ratio_lower": Column("1", "lower end of the ratio's 95 % interval"),
        "ratio_upper": Column("1", "upper end of the ratio's 95 % interval"),
        "panel": Column("", "panel of the paper's figure"),
    },
    "noise": {
        "parameter": Column("", "theta, J or D"),
        "paper": Column("percent", "MAPE of the paper's network of all test samples"),
        "joint": Column("percent", "MAPE of the joint network of all test samples"),
        "bound": Column("percent", "MAPE that images and box allow, of the bounded samples"),
    },
    "training_spread": {"mean": Column("unit of the quantity", "mean over the trainings")},
    "choices": {"value": Column("", "how it is chosen")},
    "joint_gain": {
        "parameter": Column("", "theta, J or D"),
        "trained": Column("", "clean or noisy: trained and scored without or with noise"),
        "gain": Column("1", "the paper's error over the joint network's"),
    },
    "inputs": {"parameter": Column("", "theta, J or D")},
    "image_conditions": {"parameter": Column("", "theta, J or D")},
    "worst_samples": {
        "error": Column("percent", "error of the paper's network; for images MAE of S^z"),
        "joint_error": Column("percent", "error of the joint network"),
    },
    "fig_beyond_scaling": {"value": Column("1", "D (meV) of a line, S^z, or mean |ΔS^z|")},
    "coverage": {
        "group": Column("", "what the images are grouped by"),
        "value": Column("", "group of images"),
        "parameter": Column("", "twist_angle_deg, exchange_mev or anisotropy_mev"),
    },
    "fig_beyond_probe": {
        "value": Column("unit of the name", "value of what is varied"),
        "lower": Column("percent", "lower quartile"),
        "upper": Column("percent", "upper quartile"),
    },
    "fig_beyond_noise": {
        "lower": Column("percent", "lower quartile"),
        "upper": Column("percent", "upper quartile"),
    },
    "recognition": {
        "images": Column("1", "images that were read"),
        "error": Column("1", "binomial error of the share"),
    },
    "calibration_failures": {
        "cause": Column("", "why"),
        "images": Column("1", "images to which it happened"),
    },
    "fig_beyond_calibration": {"value": Column("1", "what the panel shows")},
    "probe_limits": {"value": Column("unit of the name", "value of what is varied")},
}
OF_TABLE["fig_worst"] = OF_TABLE["worst_samples"]


def column(table: str, name: str) -> Column | None:
    """Return what a column of a table or figure is, or None if nothing is said of it."""
    return OF_TABLE.get(table, {}).get(name) or COLUMNS.get(name)
