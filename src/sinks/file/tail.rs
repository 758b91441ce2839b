//! The last line of a file, when nobody finished it.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use anyhow::bail;
use anyhow::ensure;

/// How much is read at once.
const BLOCK: usize = 64 * 1024;

/// Where the search for the last line's beginning ends: far beyond the longest line of ours.
const SEARCHED: u64 = 64 * 1024 * 1024;

/// Cuts off what stands behind the last line end, and says how many bytes that was.
///
/// It must look like the beginning of an event, or like the zeros that a power cut can leave in
/// place of one. Anything else was not written by us, and somebody may have named the wrong file.
pub(super) fn cut_unfinished(file: &File) -> anyhow::Result<u64> {
    let end = file.metadata()?.len();
    let begin = beginning_of_last_line(file, end)?;
    if begin == end {
        return Ok(0);
    }
    let mut first = [0];
    file.read_exact_at(&mut first, begin)?;
    ensure!(
        matches!(first, [b'{' | 0]),
        "its last line is unfinished and is no event: is it the right file?"
    );
    file.set_len(begin)?;
    file.sync_data()?;
    Ok(end - begin)
}

/// Where the bytes behind the last line end begin.
fn beginning_of_last_line(file: &File, end: u64) -> anyhow::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut upper = end;
    while upper > 0 {
        let lower = upper.saturating_sub(BLOCK as u64);
        let length = usize::try_from(upper - lower)?;
        let bytes = &mut block[..length];
        file.read_exact_at(bytes, lower)?;
        if let Some(place) = bytes.iter().rposition(|&byte| byte == b'\n') {
            return Ok(lower + place as u64 + 1);
        }
        if end - lower > SEARCHED {
            bail!("no line ends in its last 64 MiB: is it the right file?");
        }
        upper = lower;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn cut(content: &[u8]) -> (anyhow::Result<u64>, u64) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let cut = cut_unfinished(&file);
        (cut, file.metadata().unwrap().len())
    }

    #[test]
    fn a_file_without_any_whole_line_becomes_empty() {
        assert!(matches!(cut(b"{\"id\":\"ev"), (Ok(9), 0)));
        assert!(matches!(cut(b""), (Ok(0), 0)));
    }

    #[test]
    fn zeros_that_a_power_cut_left_are_cut_off() {
        assert!(matches!(cut(b"{}\n\0\0\0\0"), (Ok(4), 3)));
    }

    #[test]
    fn a_file_of_another_kind_is_left_alone() {
        let (cut, length) = cut(b"# Notes\nwithout an end");
        assert!(cut.unwrap_err().to_string().contains("the right file?"));
        assert_eq!(length, 22);
    }

    proptest! {
        #[test]
        fn whole_lines_stay_and_what_follows_goes(lines in 0usize..3, rest in 0usize..200_000) {
            let mut content = b"{\"a\":1}\n".repeat(lines);
            let whole = content.len() as u64;
            content.extend(std::iter::repeat_n(b'{', rest));
            let (cut, length) = cut(&content);
            prop_assert_eq!(cut.unwrap(), rest as u64);
            prop_assert_eq!(length, whole);
        }
    }
}
