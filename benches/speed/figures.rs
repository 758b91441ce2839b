//! Several rounds, one figure.

/// Figures of one kind, a round each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    /// The one in the middle: an odd round does not move it.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        }
    }

    /// The smallest and the largest; none where there was but one round.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let sorted = self.sorted();
        (sorted.len() > 1).then(|| (sorted[0], sorted[sorted.len() - 1]))
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl From<f64> for Rounds {
    fn from(figure: f64) -> Self {
        Self(vec![figure])
    }
}

impl FromIterator<f64> for Rounds {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

/// A figure as people read it: three digits, and thousands apart.
pub(crate) fn show(figure: f64) -> String {
    match figure.abs() {
        size if size >= 1_000.0 => thousands(figure),
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => short(&format!("{figure:.1}")),
        size if size >= 1.0 => short(&format!("{figure:.2}")),
        _ => short(&format!("{figure:.3}")),
    }
}

/// Without the zeros at its end.
fn short(figure: &str) -> String {
    figure
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let behind = digits.len() - index;
        if index > 0 && behind % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
