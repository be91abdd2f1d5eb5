//! What a summary says, before it is set for a terminal or a page.

/// Blocks from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The title of the whole.
    Title(String),
    /// The title of a section.
    Heading(String),
    /// The title of a part of a section.
    Subheading(String),
    /// A sentence or two.
    Text(String),
    /// Lines of equal rank.
    List(Vec<String>),
    /// Rows and columns.
    Table(Table),
}

/// Rows and columns of short texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The heads of the columns, with their alignment.
    pub columns: Vec<(String, Align)>,
    /// The cells, one a column. A first cell may begin with spaces that show its rank.
    pub rows: Vec<Vec<String>>,
}

/// Where a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Table {
    /// A first column of words, then columns of numbers.
    pub(crate) fn new(first: &str, others: impl IntoIterator<Item = String>) -> Self {
        let others = others.into_iter().map(|name| (name, Align::Right));
        let columns = std::iter::once((first.to_owned(), Align::Left)).chain(others);
        Self { columns: columns.collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Leaves out every column, after the first, in which nothing stands.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        for column in (1..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row[column].is_empty()) {
                self.columns.remove(column);
                self.rows.iter_mut().for_each(|row| _ = row.remove(column));
            }
        }
        self
    }
}

impl Document {
    pub(crate) fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    pub(crate) fn subheading(&mut self, text: String) {
        self.blocks.push(Block::Subheading(text));
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    pub(crate) fn list(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.blocks.push(Block::List(lines));
        }
    }

    /// A table that has rows.
    pub(crate) fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }
}
