//! What keeps deliveries in order.

use sha2::Digest as _;
use sha2::Sha256;

/// An order key in 63 bits, hashed. Two keys that collide are only ordered among each other
/// without need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(i64);

impl Lane {
    /// The lane of an order key: the first eight octets of its SHA-256, big-endian, without the
    /// lowest bit.
    ///
    /// The number is stored, so the hash must stay what it is: with another one, an event would not
    /// wait for those of its task that an older version left unsettled.
    #[must_use]
    pub fn of(order_key: &str) -> Self {
        let hash = Sha256::digest(order_key.as_bytes());
        let mut head = [0; 8];
        head.copy_from_slice(&hash[..8]);
        Self((u64::from_be_bytes(head) >> 1).cast_signed())
    }

    /// The number, as stored.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_the_same_number_in_every_version() {
        // `printf task_1 | sha256sum` begins with these octets.
        assert_eq!(Lane::of("task_1").number(), 0x5f5d_0823_8327_35fd >> 1);
        assert_ne!(Lane::of("task_1"), Lane::of("task_2"));
    }
}
