//! In order, for each task (`docs/delivery.md`): the built program under load, in front of a system
//! that is busy now and then, killed and started again.

use std::collections::BTreeSet;

use crate::harness::full_counts;
use crate::harness::home::Home;
use crate::harness::load::Load;
use crate::harness::program::Program;
use crate::harness::witness::Witness;
use crate::recovery::in_order_for_each_task;

/// How much there is to tell, and how often the program is killed meanwhile.
struct Story {
    tasks: usize,
    steps: usize,
    kills: usize,
}

impl Story {
    fn new() -> Self {
        if full_counts() {
            Self {
                tasks: 400,
                steps: 50,
                kills: 20,
            }
        } else {
            Self {
                tasks: 60,
                steps: 20,
                kills: 3,
            }
        }
    }

    fn events(&self) -> usize {
        self.tasks * self.steps
    }

    /// Tells it all to a server in this folder, and holds that nothing was lost.
    async fn is_told(&self, home: &Home, witness: &Witness) {
        let load = Load::of(self.tasks, self.steps);
        for kill in 1..=self.kills {
            let program = Program::start(home);
            load.sends_to(&program.webhook());
            let part = kill * self.events() / (self.kills + 1);
            witness.until_accepted(part).await;
            program.kill();
        }
        let program = Program::start(home);
        load.sends_to(&program.webhook());
        let acknowledged: BTreeSet<String> = load.all().await.into_iter().collect();
        assert_eq!(acknowledged.len(), self.events());
        witness.until_accepted(self.events()).await;
        program.until_nothing_is_owed().await;
        program.stop();
        assert_eq!(witness.accepted(), self.events());
        let in_file: BTreeSet<String> = home
            .lines()
            .iter()
            .map(|event| event["id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(in_file, acknowledged);
    }
}

#[tokio::test]
async fn no_task_is_ever_told_out_of_order() {
    let witness = Witness::start().await;
    let home = Home::new(&witness.url);
    Story::new().is_told(&home, &witness).await;
    assert_eq!(witness.inversions(), [""; 0]);
    in_order_for_each_task(&home.lines());
}

#[tokio::test]
async fn no_task_is_ever_told_out_of_order_in_batches() {
    let witness = Witness::start().await;
    let batch = r#"batch = { max = 20, wait = "20ms" }"#;
    let home = Home::with(&witness.url, batch);
    Story::new().is_told(&home, &witness).await;
    assert_eq!(witness.inversions(), [""; 0]);
    // A batch that was written and not settled comes once more, all of it.
    let mut known = BTreeSet::new();
    let mut lines = home.lines();
    lines.retain(|event| known.insert(event["id"].to_string()));
    in_order_for_each_task(&lines);
}

/// The two above would notice.
#[tokio::test]
async fn without_an_order_tasks_are_told_out_of_order_and_that_is_seen() {
    let witness = Witness::start().await;
    let home = Home::with(&witness.url, r#"order = "none""#);
    let story = Story {
        kills: 1,
        ..Story::new()
    };
    story.is_told(&home, &witness).await;
    assert!(!witness.inversions().is_empty());
}
