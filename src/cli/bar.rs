//! What a person at a terminal sees while bytes are moved.

use super::output::Output;

/// A line that says how much has been moved, and of how much.
pub(super) struct Bar {
    output: Output,
    doing: &'static str,
    of: Option<u64>,
}

impl Bar {
    /// Begins with nothing moved of so many bytes, where that is known.
    pub(super) fn new(output: Output, doing: &'static str, of: Option<u64>) -> Self {
        let bar = Self { output, doing, of };
        bar.reaches(0);
        bar
    }

    /// Shows that so many bytes have been moved.
    pub(super) fn reaches(&self, bytes: u64) {
        let Self { output, doing, .. } = self;
        match self.of {
            Some(of) => {
                let percent = bytes.saturating_mul(100).checked_div(of).unwrap_or(100);
                let (bytes, of) = (kib(bytes), kib(of));
                output.progress(format_args!("{percent:3} %  {doing} {bytes} of {of} KiB"));
            }
            None => output.progress(format_args!("{doing} {} KiB", kib(bytes))),
        }
    }
}

impl Drop for Bar {
    /// Takes the line away, however it ended.
    fn drop(&mut self) {
        self.output.progress("");
    }
}

fn kib(bytes: u64) -> u64 {
    bytes.div_ceil(1024)
}
