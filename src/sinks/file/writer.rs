//! The one task that writes a file.

use anyhow::anyhow;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::journal::Journal;

/// How many lines are written at once.
const GROUP: usize = 512;

/// A line on its way to the disk, or several that belong together.
#[derive(Debug)]
pub(super) struct Line {
    /// The line, with its end.
    pub(super) bytes: Vec<u8>,
    /// Told once it is on the disk, or why it is not.
    pub(super) answer: oneshot::Sender<anyhow::Result<()>>,
}

/// Writes lines until no more can come, and says in how many groups.
///
/// What waits is written together and synced once, so the disk sets the pace of groups and not of
/// lines: an idle sink writes each line at once, a busy one gathers by itself.
pub(super) async fn run(mut journal: Journal, mut lines: mpsc::Receiver<Line>) -> u64 {
    let mut groups = 0;
    let mut group = Vec::with_capacity(GROUP);
    while lines.recv_many(&mut group, GROUP).await > 0 {
        let mut bytes = Vec::new();
        let mut answers = Vec::with_capacity(group.len());
        for line in group.drain(..) {
            bytes.extend_from_slice(&line.bytes);
            answers.push(line.answer);
        }
        groups += 1;

        let fresh = journal.reopened();
        let written = spawn_blocking(move || {
            let outcome = journal.append(&bytes);
            (journal, outcome)
        });
        let outcome;
        (journal, outcome) = written
            .await
            .unwrap_or_else(|panic| (fresh, Err(anyhow!("the writer failed: {panic}"))));
        tell(answers, &outcome);
    }
    groups
}

/// Tells everybody in a group how it went. An error belongs to all of them: which lines reached
/// the disk is not known, so none did.
fn tell(answers: Vec<oneshot::Sender<anyhow::Result<()>>>, outcome: &anyhow::Result<()>) {
    for answer in answers {
        let told = match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(anyhow!("{error:#}")),
        };
        // Whoever no longer listens has given up on this try.
        answer.send(told).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_that_wait_together_are_synced_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let (sender, receiver) = mpsc::channel(1000);
        let mut answered = Vec::new();
        for number in 0..1000 {
            let (answer, told) = oneshot::channel();
            let bytes = format!("{{\"n\":{number}}}\n").into_bytes();
            sender.send(Line { bytes, answer }).await.unwrap();
            answered.push(told);
        }
        drop(sender);

        let groups = run(Journal::new(path.clone()), receiver).await;

        assert_eq!(groups, 2);
        for told in answered {
            told.await.unwrap().unwrap();
        }
        let lines = std::fs::read_to_string(path).unwrap();
        assert_eq!(lines.lines().count(), 1000);
        assert_eq!(lines.lines().last(), Some("{\"n\":999}"));
    }

    #[tokio::test]
    async fn everybody_in_a_group_hears_why_it_failed() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, receiver) = mpsc::channel(2);
        let mut answered = Vec::new();
        for _ in 0..2 {
            let (answer, told) = oneshot::channel();
            let bytes = b"{}\n".to_vec();
            sender.send(Line { bytes, answer }).await.unwrap();
            answered.push(told);
        }
        drop(sender);

        run(Journal::new(folder.path().to_owned()), receiver).await;

        for told in answered {
            let error = told.await.unwrap().unwrap_err().to_string();
            assert!(error.contains("cannot be opened"), "{error}");
        }
    }
}
