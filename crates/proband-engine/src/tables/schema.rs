//! What a table is made of.

use std::fmt;

/// A table of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableId {
    /// Participants.
    Adsl,
    /// Records of drug concentrations.
    Adpc,
    /// Records of everything else a visit observes.
    Adlb,
    /// Endpoints that are numbers, conditions or counts.
    Adeff,
    /// Adverse events as the trial learned of them.
    Adae,
    /// Endpoints that are times.
    Adtte,
    /// Intercurrent events.
    Ices,
    /// Scheduled doses, taken or not.
    Adex,
    /// What rules have led to.
    Decisions,
    /// Rules that were not obeyed.
    Addv,
    /// Covariates and individual parameters.
    Twins,
    /// Latent trajectories.
    Truth,
    /// Events that happened, seen or not.
    TruthEvents,
    /// Twins passed over, not eligible, or lost.
    Exclusions,
    /// Estimates, intervals and p-values.
    Findings,
    /// Characteristics over the repetitions of the trial.
    Operating,
}

impl TableId {
    /// Every table, in the order of the schema page.
    pub const ALL: [Self; 16] = [
        Self::Adsl,
        Self::Adpc,
        Self::Adlb,
        Self::Adeff,
        Self::Adae,
        Self::Adtte,
        Self::Ices,
        Self::Adex,
        Self::Decisions,
        Self::Addv,
        Self::Twins,
        Self::Truth,
        Self::TruthEvents,
        Self::Exclusions,
        Self::Findings,
        Self::Operating,
    ];

    /// The table's name: that of its file without the ending.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Adsl => "adsl",
            Self::Adpc => "adpc",
            Self::Adlb => "adlb",
            Self::Adeff => "adeff",
            Self::Adae => "adae",
            Self::Adtte => "adtte",
            Self::Ices => "ices",
            Self::Adex => "adex",
            Self::Decisions => "decisions",
            Self::Addv => "addv",
            Self::Twins => "twins",
            Self::Truth => "truth",
            Self::TruthEvents => "truth_events",
            Self::Exclusions => "exclusions",
            Self::Findings => "findings",
            Self::Operating => "operating",
        }
    }

    /// The table of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Whose columns they are.
    pub table: TableId,
    /// The columns, in the order of the file. Those marked as key, in this order, sort the rows.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, unique in its table whatever the case of the letters.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// The unit of its values, if all of them have one and the same.
    pub unit: Option<String>,
    /// What it means, in a few words.
    pub label: String,
    /// Whether it belongs to the key that identifies and sorts the rows.
    pub key: bool,
}

/// What the values of a column are. Any value may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A floating-point number.
    Number,
    /// A whole number of 32 bits.
    Integer,
    /// One of a few texts.
    Level,
    /// A text, often another in every row.
    Text,
    /// `Y` or `N`.
    Flag,
    /// A date.
    Date,
}

impl Kind {
    /// The word of the schema page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Level => "level",
            Self::Text => "text",
            Self::Flag => "flag",
            Self::Date => "date",
        }
    }
}

/// The position of a column in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

impl Schema {
    /// The column of this name, in the case given.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ColumnId> {
        self.columns.iter().position(|column| column.name == name).map(ColumnId)
    }

    /// The column of this name, which the layout of the table is known to have.
    ///
    /// # Panics
    /// If there is none: for names written in the code, never for names that a user wrote.
    #[must_use]
    #[expect(
        clippy::panic,
        reason = "a name in the code that no layout has is a fault of the code"
    )]
    pub fn at(&self, name: &str) -> ColumnId {
        self.find(name).unwrap_or_else(|| panic!("{} has no column {name}", self.table))
    }

    /// The column at a position.
    #[must_use]
    pub fn nth(&self, position: usize) -> ColumnId {
        assert!(position < self.columns.len(), "{} has no column {position}", self.table);
        ColumnId(position)
    }

    /// The columns that identify a row and sort the table, in order.
    pub fn key(&self) -> impl Iterator<Item = ColumnId> {
        let keys = self.columns.iter().enumerate().filter(|(_, column)| column.key);
        keys.map(|(index, _)| ColumnId(index))
    }
}
