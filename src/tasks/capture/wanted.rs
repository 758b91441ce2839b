//! What a task left behind.

use super::Capturer;
use super::failure::Failure;
use crate::cloud::CloudError;
use crate::cloud::Trouble;
use crate::store::KeptReport;
use crate::store::OpenCapture;
use crate::store::TaskFile;
use crate::task::ApiVersion;
use crate::task::FileKind;
use crate::task::OutputFile;
use crate::task::Source;
use crate::tasks::ask::ask;

/// How many files of a kind are looked at. The vendor may tell of any number.
const MOST: usize = 1000;

/// A file that a task left behind, and whose fate is not decided.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) kind: FileKind,
    /// Its place among those of its kind, from 1.
    pub(super) number: u32,
    /// The version of the API that has it.
    pub(super) api: ApiVersion,
    /// What it is asked for by, and its name as far as it has one.
    pub(super) file: OutputFile,
    /// Where it is; none: that has to be asked.
    pub(super) address: Option<String>,
}

impl Capturer {
    /// The files of a task whose fate is not decided. What the Cloud API says of it on this
    /// occasion is kept.
    pub(super) async fn wanted(
        &self,
        open: &OpenCapture,
        decided: &[TaskFile],
    ) -> Result<Vec<Wanted>, Failure> {
        let as_of = self.clock.now();
        let asked = ask::<Failure>(&self.cloud, &*self.store, &open.key).await;
        let report = asked.map_err(Failure::of_the_task)?;
        let kept = KeptReport::new(report.clone(), Source::LookUp, as_of);
        self.store.keep_report(kept).await?;

        let mut wanted = Vec::new();
        if self.settings.kinds.contains(&FileKind::Output) {
            wanted.extend(files(report.api, report.files, decided));
        }
        if self.settings.kinds.contains(&FileKind::Screenshot) {
            let addresses = match self.cloud.screenshots(report.api, &open.key.id).await {
                Err(CloudError {
                    trouble: Trouble::NotInThisApi { .. },
                    ..
                }) => Vec::new(),
                told => told?,
            };
            wanted.extend(screenshots(report.api, addresses, decided));
        }
        Ok(wanted)
    }
}

/// Those of the files that a task made whose fate is not decided. The vendor may list others the
/// next time, so each is known by its id and gets the next number.
fn files(
    api: ApiVersion,
    listed: Vec<OutputFile>,
    decided: &[TaskFile],
) -> impl Iterator<Item = Wanted> {
    let decided = decided.iter().filter(|file| file.kind == FileKind::Output);
    let last = decided.clone().map(|file| file.number).max().unwrap_or(0);
    let is_open = move |file: &OutputFile| decided.clone().all(|one| one.vendor_id != file.id);
    let open = listed.into_iter().take(MOST).filter(is_open);
    (last + 1..).zip(open).map(move |(number, file)| Wanted {
        kind: FileKind::Output,
        number,
        api,
        file,
        address: None,
    })
}

/// Those of the pictures whose fate is not decided. They have no names, and each time another
/// address; but their order stays.
fn screenshots(
    api: ApiVersion,
    addresses: Vec<String>,
    decided: &[TaskFile],
) -> impl Iterator<Item = Wanted> {
    let is_open = |number: u32| {
        let is_it = |one: &TaskFile| one.kind == FileKind::Screenshot && one.number == number;
        !decided.iter().any(is_it)
    };
    let numbered = (1..).zip(addresses.into_iter().take(MOST));
    let open = numbered.filter(move |(number, _)| is_open(*number));
    open.map(move |(number, address)| Wanted {
        kind: FileKind::Screenshot,
        number,
        api,
        file: OutputFile {
            id: number.to_string().into(),
            name: number.to_string().into(),
        },
        address: Some(address),
    })
}
