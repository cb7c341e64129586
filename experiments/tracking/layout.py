"""Names that the writer and the reader of a store share: tags, files, prefixes of arrays."""

KIND = "scratchml.kind"
FINGERPRINT = "scratchml.fingerprint"  # of the configuration, once its run has ended by itself
PROCESS = "scratchml.process"  # who writes a run that is RUNNING: `host:pid:start`
