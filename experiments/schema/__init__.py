"""The values that a configuration may have, and what follows from them before a net is trained.

Reading order: `fields` (values of one knob), `config` (all knobs of a run), `constraints` (knobs
that do not go together), `sizes` (shapes and bytes), `sources` (data sets), `naming` and
`fingerprint` (identity of a run), `settings` (where and how to run), `commandline`.
"""
