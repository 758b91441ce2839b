//! Folding everything anew, beside whatever else goes on.

use tokio::task::yield_now;

use crate::store::Rebuild;
use crate::store::StoreError;
use crate::store::TaskBook;

/// How many events or tasks in a step.
const STEP: usize = 512;

/// Reads the log again for what was never observed, and folds every task from its observations.
/// `progress` hears how far it has come after each step. Dropped on the way, it leaves every task
/// whole, and the next rebuild begins at the beginning.
pub async fn rebuild(
    book: &dyn TaskBook,
    mut progress: impl FnMut(&Rebuild) + Send,
) -> Result<Rebuild, StoreError> {
    let mut so_far = Rebuild::default();
    loop {
        so_far = book.rebuild(so_far, STEP).await?;
        progress(&so_far);
        if so_far.is_done {
            return Ok(so_far);
        }
        yield_now().await;
    }
}
