//! What was counted beside what is allowed.

/// One figure of a row, and the most that it may be.
pub struct Figure {
    pub what: &'static str,
    pub found: u64,
    pub most: u64,
}

/// A table that is printed as it grows, and what was over its budget.
#[derive(Default)]
pub struct Table {
    pub failures: Vec<String>,
    title: &'static str,
}

impl Table {
    /// What the rows from here on are about.
    pub fn title(&mut self, title: &'static str) {
        self.title = title;
    }

    pub fn row<const N: usize>(&mut self, name: &str, figures: [Figure; N]) {
        let title = std::mem::take(&mut self.title);
        if !title.is_empty() {
            let heads = figures.iter().map(|it| format!("{:>14}{:>9}", it.what, "budget"));
            println!("\n{title:34}{}", heads.collect::<String>());
        }
        let shown = figures.iter().map(|it| format!("{:>14}{:>9}", it.found, it.most));
        println!("{name:34}{}", shown.collect::<String>());
        for Figure { what, found, most } in figures.into_iter().filter(|it| it.found > it.most) {
            self.failures.push(format!("{name}: {what}: {found}, where {most} are allowed"));
        }
    }
}
