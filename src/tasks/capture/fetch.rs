//! Fetching the files of a task, one after the other.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::Capturer;
use super::failure::Failure;
use super::folder::Writing;
use super::place::place;
use super::room::Bound;
use super::room::Room;
use super::wanted::Wanted;
use crate::cloud::CloudError;
use crate::cloud::Download;
use crate::cloud::Trouble;
use crate::store::Content;
use crate::store::Fate;
use crate::store::OpenCapture;
use crate::store::StoreError;
use crate::store::TaskFile;
use crate::task::FileKind;

/// How long a file may take.
const WITHIN: Duration = Duration::from_mins(10);

impl Capturer {
    /// Fetches all files of a task whose fate is not decided, and decides it. One that does not come
    /// keeps no other from coming.
    pub(super) async fn fetch_all(&self, open: &OpenCapture) -> Result<(), Failure> {
        // Before anybody is asked: as long as nothing fits, that would be for nothing.
        let room = self.room(0).await?;
        if room.bytes == 0 && room.bound == Bound::Total {
            return Err(Failure::Full(self.settings.limits.total));
        }
        let known = self.store.capture(open.task).await?;
        let decided = known.map(|known| known.files).unwrap_or_default();
        let kept = decided.iter().filter_map(TaskFile::content);
        let mut of_task: u64 = kept.map(|content| content.size).sum();
        let mut failed = None;
        for wanted in self.wanted(open, &decided).await? {
            let room = self.room(of_task).await?;
            match self.fetch(open, &wanted, room).await {
                Ok((content_type, fate)) => {
                    let file = wanted.decided(content_type, fate, self.clock.now());
                    let size = file.content().map_or(0, |content| content.size);
                    self.store.decide_file(open.task, file).await?;
                    self.stock.add(size).await;
                    of_task += size;
                }
                Err(failure) if failure.is_of_one_file() => {
                    failed.get_or_insert(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// How large the next file of a task may be, of which so much is kept.
    async fn room(&self, of_task: u64) -> Result<Room, StoreError> {
        let (limits, store) = (&self.settings.limits, &*self.store);
        let room = limits.room(of_task, self.stock.bytes(store).await?);
        let is_short = room.bound == Bound::Total;
        let (folder, now) = (&self.settings.folder, self.clock.now());
        if is_short && self.stock.recount(store, folder, now).await? {
            return Ok(limits.room(of_task, self.stock.bytes(store).await?));
        }
        Ok(room)
    }

    /// Fetches a file into the folder. Says its type and what became of it.
    async fn fetch(
        &self,
        open: &OpenCapture,
        wanted: &Wanted,
        room: Room,
    ) -> Result<(Option<String>, Fate), Failure> {
        if room.bytes == 0 {
            return Ok((None, self.beyond(room)?));
        }
        let fetched = timeout(WITHIN, self.content(open, wanted, room)).await;
        match fetched {
            Ok(Ok((content_type, content))) => Ok((content_type, Fate::Kept(content))),
            Ok(Err(Failure::Cloud(CloudError {
                trouble: Trouble::TooLarge { .. },
                ..
            }))) => Ok((None, self.beyond(room)?)),
            Ok(Err(failure)) => Err(failure),
            Err(_elapsed) => Err(Failure::TooSlow {
                name: wanted.file.name.clone(),
                within: WITHIN,
            }),
        }
    }

    /// What becomes of a file that is larger than there is room for it.
    fn beyond(&self, room: Room) -> Result<Fate, Failure> {
        let limits = &self.settings.limits;
        let reason = limits.reason(room.bound);
        let reason = reason.ok_or(Failure::Full(limits.total))?;
        Ok(Fate::Skipped(reason.into()))
    }

    async fn content(
        &self,
        open: &OpenCapture,
        wanted: &Wanted,
        room: Room,
    ) -> Result<(Option<String>, Content), Failure> {
        let key = &open.key;
        let address = if let Some(address) = &wanted.address {
            address.clone()
        } else {
            let asked = self.cloud.output_file(wanted.api, &key.id, &wanted.file);
            asked.await?.into()
        };
        let limit = usize::try_from(room.bytes).unwrap_or(usize::MAX);
        let mut download = self.cloud.download(&wanted.name(), &address, limit).await?;
        let place = place(key, open.ended_at, wanted.kind, wanted.number);
        let mut writing = self.settings.folder.begin(place).await?;
        match copy(&mut download, &mut writing).await {
            Ok(()) => Ok((download.content_type, writing.finish().await?)),
            Err(failure) => {
                writing.discard().await;
                Err(failure)
            }
        }
    }
}

async fn copy(from: &mut Download, to: &mut Writing) -> Result<(), Failure> {
    while let Some(piece) = from.chunk().await? {
        to.write(&piece).await?;
    }
    Ok(())
}

impl Wanted {
    /// As messages name it.
    fn name(&self) -> String {
        match self.kind {
            FileKind::Output => self.file.name.to_string(),
            FileKind::Screenshot => format!("screenshot {}", self.number),
        }
    }

    fn decided(self, content_type: Option<String>, fate: Fate, at: Timestamp) -> TaskFile {
        let name = match self.kind {
            FileKind::Output => self.file.name,
            FileKind::Screenshot => {
                let ending = ending(content_type.as_deref());
                format!("{}{ending}", self.number).into()
            }
        };
        TaskFile {
            kind: self.kind,
            number: self.number,
            vendor_id: self.file.id,
            name,
            content_type: content_type.map(Into::into),
            at,
            fate,
        }
    }
}

/// How the name of a picture of this type ends.
fn ending(content_type: Option<&str>) -> &'static str {
    match content_type {
        Some("image/png") => ".png",
        Some("image/jpeg") => ".jpg",
        Some("image/webp") => ".webp",
        Some("image/gif") => ".gif",
        _ => "",
    }
}
