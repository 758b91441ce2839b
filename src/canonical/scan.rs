//! Finds the stretches of a string that every form copies as they stand.

const LANES: usize = size_of::<u64>();
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the beginning of `bytes` need no thought: printable ASCII other than the
/// quote and the backslash.
///
/// Most of a body is such text, so this is where the time goes: it looks at eight bytes at once.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    for chunk in bytes.chunks_exact(LANES) {
        let mut lanes = [0; LANES];
        lanes.copy_from_slice(chunk);
        let marks = marks(u64::from_le_bytes(lanes));
        if marks != 0 {
            return run + marks.trailing_zeros() as usize / 8;
        }
        run += LANES;
    }
    let rest = &bytes[run..];
    run + rest
        .iter()
        .position(|&byte| !is_plain(byte))
        .unwrap_or(rest.len())
}

/// Sets the highest bit of each lane that is not plain. A lane after such a one may be marked
/// wrongly (a borrow may run into it), so only the lowest mark counts.
fn marks(lanes: u64) -> u64 {
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
    let below_space = lanes.wrapping_sub(ONES * 0x20) & !lanes;
    let quote = zero_in(lanes ^ (ONES * u64::from(b'"')));
    let backslash = zero_in(lanes ^ (ONES * u64::from(b'\\')));
    let delete = zero_in(lanes ^ (ONES * 0x7f));
    (lanes | below_space | quote | backslash | delete) & HIGHS
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_at_once_finds_what_one_at_a_time_finds(
            bytes in proptest::collection::vec(
                prop_oneof![8 => 0x20u8..0x7f, 1 => any::<u8>()], 0..64),
        ) {
            let slow = bytes.iter().position(|&byte| !is_plain(byte)).unwrap_or(bytes.len());
            prop_assert_eq!(plain_run(&bytes), slow);
        }
    }
}
