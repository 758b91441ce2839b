//! What was measured, as tables in Markdown.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

use crate::figures::Rounds;
use crate::figures::show;
use crate::goals::Goal;
use crate::measure::Run;

/// Collects what the rows find.
#[derive(Debug, Default)]
pub(crate) struct Report {
    about: Vec<String>,
    loads: Vec<[String; 8]>,
    figures: Vec<[String; 2]>,
    goals: Vec<[String; 5]>,
    /// How many goals were missed.
    missed: usize,
}

impl Report {
    /// Where the run is made.
    pub(crate) fn about(&mut self, lines: Vec<String>) {
        self.about = lines;
    }

    /// A server under load, a run a round.
    pub(crate) fn load(&mut self, server: &str, connections: usize, runs: &[Run]) {
        let median = |figure: fn(&Run) -> Option<f64>| {
            let figures: Vec<f64> = runs.iter().filter_map(figure).collect();
            if figures.is_empty() {
                return "–".to_owned();
            }
            show(figures.into_iter().collect::<Rounds>().median())
        };
        self.loads.push([
            server.to_owned(),
            connections.to_string(),
            median(|run| Some(run.outcome.rate)),
            median(|run| Some(run.outcome.p50)),
            median(|run| Some(run.outcome.p99)),
            median(|run| Some(run.outcome.max)),
            median(|run| run.processor_micros),
            median(|run| run.peak_memory),
        ]);
    }

    /// A figure that stands for itself.
    pub(crate) fn figure(&mut self, what: impl Into<String>, figure: impl Into<String>) {
        self.figures.push([what.into(), figure.into()]);
    }

    /// A figure and what it is held against.
    pub(crate) fn goal(&mut self, goal: &Goal, reached: &Rounds) {
        let figure = reached.median();
        let is_met = goal.first.is_met(figure);
        self.missed += usize::from(!is_met);
        let range = reached.range().map_or_else(String::new, |(from, to)| {
            format!(" ({}–{})", show(from), show(to))
        });
        self.goals.push([
            goal.what.to_owned(),
            format!("{}{range}", show(figure)),
            goal.first.to_string(),
            if is_met { "met" } else { "not met" }.to_owned(),
            goal.then.to_owned(),
        ]);
    }

    /// Prints it all.
    #[expect(clippy::print_stdout, reason = "this is what the program is for")]
    pub(crate) fn print(&self) {
        for line in &self.about {
            println!("- {line}");
        }
        let loads = [
            "server",
            "connections",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "max ms",
            "CPU µs a request",
            "peak MB",
        ];
        for (title, table) in [
            ("Under load", table(&loads, &self.loads)),
            ("Other figures", table(&["what", "figure"], &self.figures)),
            (
                "Goals",
                table(&["what", "reached", "first goal", "", "then"], &self.goals),
            ),
        ] {
            if let Some(table) = table {
                println!("\n## {title}\n\n{table}");
            }
        }
        if self.missed > 0 {
            println!("\n{} not met.", self.missed);
        }
    }
}

/// None if there is nothing in it.
fn table<const N: usize>(head: &[&str; N], rows: &[[String; N]]) -> Option<Table> {
    if rows.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_header(head.iter().copied())
        .add_rows(rows.iter().map(|row| row.iter()));
    Some(table)
}
