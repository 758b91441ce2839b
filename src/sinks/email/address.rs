//! Addresses as people write them.

use lettre::address::AddressError;
use lettre::message::Mailbox;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;

/// Somebody who writes or gets mail: `Tidings <tidings@example.com>`, or the address alone.
#[derive(Clone, Debug)]
pub struct Address(pub(super) Mailbox);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error: AddressError| {
            D::Error::custom(format!(
                "\"{text}\" is no address for mail ({error}): write it like \
                 \"Tidings <tidings@example.com>\""
            ))
        })
    }
}
