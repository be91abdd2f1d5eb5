//! A table of a data set, by named columns.

/// A table.
#[derive(Clone, Debug)]
pub struct DataTable {
    /// The name of its file without its ending, in lower case: `adsl`.
    pub name: String,
    /// Its columns, equally long.
    pub columns: Vec<DataColumn>,
    /// The number of rows.
    pub rows: usize,
    /// Days in the unit of AVISITN, where whoever made the table is known to fill it so.
    pub visit_unit: Option<f64>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct DataColumn {
    /// Its name in lower case.
    pub name: String,
    /// Its unit, where the file says.
    pub unit: Option<String>,
    /// Its values.
    pub values: DataValues,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum DataValues {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

impl DataTable {
    /// The column of a name, in any case.
    pub(super) fn column(&self, name: &str) -> Option<&DataColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The first of several columns that is there.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<&DataColumn> {
        names.iter().find_map(|name| self.column(name))
    }

    /// The instant of a row as days since day 1: of a column of times, or else of study days.
    pub(super) fn instant(&self, times: &str, study_days: &str, row: usize) -> Option<f64> {
        let known = |name| self.column(name)?.known(row);
        // A study day has no 0.
        let since_day_one = |day| if day >= 1.0 { day - 1.0 } else { day };
        known(times).or_else(|| known(study_days).map(since_day_one))
    }

    /// Keeps the rows for which a flag is set.
    pub(super) fn keep(&mut self, flags: &[bool]) {
        for column in &mut self.columns {
            match &mut column.values {
                DataValues::Numbers(values) => retain(values, flags),
                DataValues::Texts(values) => retain(values, flags),
            }
        }
        self.rows = flags.iter().filter(|&&kept| kept).count();
    }
}

fn retain<T>(values: &mut Vec<T>, flags: &[bool]) {
    let mut flags = flags.iter();
    values.retain(|_| flags.next() == Some(&true));
}

impl DataColumn {
    /// The text of a row, without blanks around it; of a number as it would be written.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        match &self.values {
            DataValues::Texts(texts) => texts[row]
                .as_deref()
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(str::to_owned),
            DataValues::Numbers(numbers) => Some(numbers[row])
                .filter(|value| !value.is_nan())
                .map(|value| value.to_string()),
        }
    }

    /// The number of a row; NaN where there is none.
    pub(super) fn number(&self, row: usize) -> f64 {
        match &self.values {
            DataValues::Numbers(numbers) => numbers[row],
            DataValues::Texts(texts) => {
                let text = texts[row].as_deref().map(str::trim);
                text.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
            }
        }
    }

    /// The number of a row that has one.
    pub(super) fn known(&self, row: usize) -> Option<f64> {
        Some(self.number(row)).filter(|number| !number.is_nan())
    }

    /// Whether a row says yes.
    pub(super) fn is_yes(&self, row: usize) -> bool {
        self.is(row, "Y")
    }

    /// Whether a row has this text.
    pub(super) fn is(&self, row: usize, text: &str) -> bool {
        self.text(row).is_some_and(|own| own == text)
    }

    /// Whether its values are texts.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.values, DataValues::Texts(_))
    }
}

/// The different texts of a column, and the position of each row's among them: by the numbers of a
/// companion (`AGEGR1N` of `AGEGR1`), otherwise by the alphabet.
pub(super) fn levels(
    column: &DataColumn,
    order: Option<&DataColumn>,
    rows: &[usize],
) -> (Vec<String>, Vec<f64>) {
    let texts: Vec<Option<String>> = rows.iter().map(|&row| column.text(row)).collect();
    let rank = |row: usize| order.map_or(f64::NAN, |order| order.number(row));
    let mut known: Vec<(f64, String)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (text, &row) in texts.iter().zip(rows) {
        if let Some(text) = text
            && seen.insert(text.clone())
        {
            known.push((rank(row), text.clone()));
        }
    }
    known.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let levels: Vec<String> = known.into_iter().map(|(_, text)| text).collect();
    let positions: std::collections::BTreeMap<&str, usize> =
        levels.iter().enumerate().map(|(index, level)| (level.as_str(), index)).collect();
    let code = |text: &Option<String>| {
        text.as_deref().and_then(|text| positions.get(text)).map_or(f64::NAN, |&at| at as f64)
    };
    let codes = texts.iter().map(code).collect();
    (levels, codes)
}
