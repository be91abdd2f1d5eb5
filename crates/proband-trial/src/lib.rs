//! Trial files to checked trials, all faults at once
