//! What is kept of the files of tasks, for whoever asks for it.

use std::sync::Arc;

use tracing::error;

use super::Folder;
use super::Reading;
use crate::causes::with_causes;
use crate::store::Capture;
use crate::store::Content;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::TaskFile;
use crate::store::TaskRecord;
use crate::task::FileKind;

/// What is kept of the files of tasks.
#[derive(Clone, Debug)]
pub struct KeptFiles {
    store: Arc<dyn Store>,
    /// None: nothing is kept, or the folder is not there to look.
    folder: Option<Folder>,
}

/// A file that is kept, opened.
#[derive(Debug)]
pub struct KeptFile {
    /// What is known of it.
    pub file: TaskFile,
    /// What it holds.
    pub content: Content,
    /// The way to read it.
    pub reading: Reading,
}

/// The screenshots of a task that are kept.
#[derive(Clone, Debug, Default)]
pub struct KeptScreenshots {
    /// Their numbers, in order.
    pub numbers: Vec<u32>,
    /// Whether those are all that were taken, and there are any.
    pub are_all: bool,
}

impl KeptFiles {
    /// What is kept of the tasks in this store, in this folder.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, folder: Option<Folder>) -> Self {
        Self { store, folder }
    }

    /// How far keeping the files of a task has come. None: they are not to be kept.
    pub async fn of(&self, task: &TaskRecord) -> Result<Option<Capture>, StoreError> {
        self.store.capture(task.number).await
    }

    /// Whether the content of a file is still where it was put.
    pub async fn has(&self, content: &Content) -> bool {
        match &self.folder {
            Some(folder) => folder.has(content).await,
            None => false,
        }
    }

    /// The screenshots that are kept, and still there, of the task that this id finds.
    pub async fn screenshots(&self, task: &str) -> Result<KeptScreenshots, StoreError> {
        let Some(capture) = self.found(task).await? else {
            return Ok(KeptScreenshots::default());
        };
        let files = capture.files.iter();
        let taken = files.filter(|file| file.kind == FileKind::Screenshot);
        let (mut numbers, mut count) = (Vec::new(), 0);
        for file in taken {
            count += 1;
            if let Some(content) = file.content()
                && self.has(content).await
            {
                numbers.push(file.number);
            }
        }
        let is_over = capture.due_at.is_none() && capture.reason.is_none();
        Ok(KeptScreenshots {
            are_all: is_over && count > 0 && numbers.len() == count,
            numbers,
        })
    }

    /// Opens a file of the task that this id finds, by its name, or by what the vendor asks for it
    /// by. None: it is not kept, or not any more.
    pub async fn open(
        &self,
        task: &str,
        kind: FileKind,
        name: &str,
    ) -> Result<Option<KeptFile>, StoreError> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let capture = self.found(task).await?;
        let files = capture.map(|capture| capture.files).unwrap_or_default();
        let is_meant = |file: &TaskFile| {
            file.kind == kind && (&*file.name == name || &*file.vendor_id == name)
        };
        let file = files.into_iter().find(is_meant);
        let Some((content, file)) = file.and_then(|file| Some((file.content()?.clone(), file)))
        else {
            return Ok(None);
        };
        let reading = folder.read(&content).await.unwrap_or_else(|error| {
            error!(
                file.path = &*content.path,
                error = %with_causes(&error),
                "A kept file cannot be read; Browser Use is asked for it"
            );
            None
        });
        Ok(reading.map(|reading| KeptFile {
            file,
            content,
            reading,
        }))
    }

    async fn found(&self, task: &str) -> Result<Option<Capture>, StoreError> {
        match self.store.task(task).await? {
            Some(task) => self.of(&task).await,
            None => Ok(None),
        }
    }
}
