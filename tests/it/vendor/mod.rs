//! The vendor's own packages, unmodified, against a running receiver: what they sign is taken, and
//! what they ask goes through. `scripts/test` installs them.

mod clients;

mod listener;

mod signers;

use crate::harness::installed;
