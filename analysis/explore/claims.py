"""Claims for a page: their verdicts, and the rules that it can apply to nets that are selected."""

KINDS = ("share", "every", "none", "some", "ratio")


def facts(answer):
    """A function of {run id: index of the run}: what a page is told of the claims of an Answer.

    `checks` has the rules of a claim as data, with the runs whose nets they are about. It is None
    where the claim is decided on the whole: where one of its rules is of another kind, or about
    numbers that are not those of whole runs.
    """
    return lambda runs: [
        {
            "sentence": claim.sentence, "measured": claim.measured, "test": claim.test,
            "holds": bool(claim.holds), "words": answer.verdict(claim), "caveat": claim.caveat,
            "checks": _checks(claim.verdict.checks, runs),
        }
        for claim in answer.claims
    ]  # fmt: skip


def _checks(checks, runs):
    found = [_check(check.asked, runs) for check in checks]
    return found if found and None not in found else None


def _check(asked, runs):
    if asked is None:
        return None
    kind, sources, *rule = asked
    if kind not in KINDS or any(run not in runs for source in sources for run in source[2]):
        return None
    of = [{"measure": measure, "negated": negated, "runs": [runs[run] for run in ids]}
          for measure, negated, ids in sources]  # fmt: skip
    names = ("sign", "limit", "of_value")
    return {"kind": kind, "of": of} | dict(zip(names, rule, strict=False))
