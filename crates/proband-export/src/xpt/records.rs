//! A file of records of 80 bytes.

use std::io::{self, Write};

/// Bytes of a record.
const RECORD: usize = 80;

/// Writes bytes one after the other, and knows how far the last record is filled.
pub(super) struct Records<'a> {
    out: &'a mut dyn Write,
    filled: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, filled: 0 }
    }

    /// Adds bytes.
    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.filled = (self.filled + bytes.len()) % RECORD;
        self.out.write_all(bytes)
    }

    /// Fills the record with blanks.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let blanks = (RECORD - self.filled) % RECORD;
        self.write_all(&[b' '; RECORD][..blanks])
    }

    /// A record of a text.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.write_all(text.as_bytes())?;
        self.end()
    }

    /// The record that says what comes next.
    pub(super) fn header(&mut self, what: &str, numbers: &str) -> io::Result<()> {
        self.line(&format!("HEADER RECORD*******{what:8}HEADER RECORD!!!!!!!{numbers}"))
    }
}
