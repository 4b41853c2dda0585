"""The command line `moirespin`: one module of this package for each command."""

import os
import sys
from collections.abc import Callable
from types import ModuleType

from moirespin.cli import draw, explore, export, infer, state
from moirespin.cli.options import Parser
from moirespin.io.provenance import moirespin_version

COMMANDS: dict[str, ModuleType] = {
    "state": state,
    "draw": draw,
    "infer": infer,
    "explore": explore,
    "export": export,
}
# What files that a command cannot write are told in a job.
FOR_JOBS = ", then run snakemake again"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done; 1: a state has not converged; 2: one sentence said what is wrong.
    """
    try:
        options = build_parser().parse_args(arguments)
        run: Callable[..., int] = options.run
        status = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has read enough; what is left must not complain on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _refuse("the memory of this computer does not suffice")
    # Errors of JAX are RuntimeErrors.
    except (OSError, ValueError, RuntimeError) as error:
        return _refuse(str(error).removesuffix(FOR_JOBS))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    return status


def build_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(prog="moirespin", description="Twisted bilayer magnets.")
    parser.add_argument("--version", action="version", version=f"moirespin {moirespin_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.SUMMARY, description=command.DESCRIPTION)
        command.add_options(own)
        own.set_defaults(run=command.run)
    return parser


def _refuse(sentence: str) -> int:
    print(f"moirespin: {' '.join(sentence.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
