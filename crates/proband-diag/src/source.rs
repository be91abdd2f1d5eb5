//! Named texts and places in them.

use std::ops::Range;
use std::sync::Arc;

/// Which text a [`Span`] points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The span of a byte range of this source.
    #[must_use]
    pub fn span(self, range: Range<usize>) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { source: self, start: clamp(range.start), end: clamp(range.end) }
    }
}

/// A byte range of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of this span to the end of `other`, which must be of the same source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.source, other.source, "a span lies in one source");
        Self { source: self.source, start: self.start, end: self.end.max(other.end) }
    }
}

/// A file, or a text that stands for one.
#[derive(Clone, Debug)]
pub struct Source {
    /// What to call it in messages: the path as the user typed it.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// Line and column of a place, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// All texts that were read, so that spans can be shown.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// Adds a text; a text of the same name and content is not added twice.
    pub fn add(&mut self, name: &str, text: &str) -> SourceId {
        let known = self.list.iter().position(|s| s.name == name && *s.text == *text);
        let index = known.unwrap_or_else(|| {
            self.list.push(Source { name: name.to_owned(), text: text.into() });
            self.list.len() - 1
        });
        SourceId(u32::try_from(index).expect("fewer than 2^32 files"))
    }

    /// The source of an id that this collection gave out.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// Every source, in the order of adding.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }

    /// The text under a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.range()).unwrap_or("")
    }

    /// Line and column where a span starts.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let text = &self.get(span.source).text;
        let mut start = (span.start as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.bytes().filter(|&b| b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// How offsets in a piece of text map to offsets in its source.
#[derive(Clone, Debug)]
pub enum Offsets {
    /// The piece stands in the source as it is, from this byte on.
    From(u32),
    /// Byte `i` of the piece comes from byte `map[i]` of the source (a TOML string with escapes);
    /// the last entry is one past the end.
    Each(Arc<[u32]>),
}

/// A piece of a source to be parsed on its own: a whole file, or the inside of a TOML string.
#[derive(Clone, Debug)]
pub struct Fragment<'a> {
    /// The source it is from.
    pub source: SourceId,
    /// Its text.
    pub text: &'a str,
    /// Where its bytes stand in the source.
    pub offsets: Offsets,
}

impl<'a> Fragment<'a> {
    /// A whole source.
    #[must_use]
    pub fn whole(source: SourceId, text: &'a str) -> Self {
        Self { source, text, offsets: Offsets::From(0) }
    }

    /// The span in the source of a byte range of the piece.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let at = |offset: usize| match &self.offsets {
            Offsets::From(base) => *base as usize + offset,
            Offsets::Each(map) => {
                map.get(offset).or_else(|| map.last()).map_or(0, |&at| at as usize)
            }
        };
        self.source.span(at(range.start)..at(range.end))
    }
}
