//! Columns of participants on disk: what analyses read again, without holding it.
//!
//! One file a shard: the number of columns and of rows, then column after column, all in little-endian
//! words of 8 bytes.

use crate::error::{Result, StoreError};
use crate::files::{self, Written};
use crate::shard::{self, Shard};
use proband_analysis::ColumnSource;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The name of such a file in a shard's manifest.
pub(crate) const NAME: &str = "columns";

/// Words before the first column.
const HEADER: u64 = 2;

/// The columns of a run's participants, shard by shard.
#[derive(Clone, Debug)]
pub struct SpilledColumns {
    files: Vec<PathBuf>,
}

/// Writes equally long columns.
pub(crate) fn write(path: &Path, columns: &[&[f64]]) -> Result<Written> {
    let rows = columns.first().map_or(0, |column| column.len());
    debug_assert!(columns.iter().all(|column| column.len() == rows), "columns of a shard");
    let fill = |file: &mut files::Output| {
        file.write_all(&(columns.len() as u64).to_le_bytes())?;
        file.write_all(&(rows as u64).to_le_bytes())?;
        columns.iter().copied().flatten().try_for_each(|v| file.write_all(&v.to_le_bytes()))
    };
    let fill = |file: &mut _| fill(file).map_err(StoreError::io("write", path));
    files::write_scratch(path, fill)
}

impl SpilledColumns {
    /// The columns of some shards, in the order given; shards without columns are passed over.
    pub(crate) fn of(folder: &Path, shards: impl Iterator<Item = u32>) -> Result<Self> {
        let file = |index| {
            let folder = shard::folder(folder, index);
            let shard = Shard::read(&folder)?;
            Ok(shard.and_then(|shard| Some(shard.file(NAME)?.path(&folder))))
        };
        let files = shards.filter_map(|index| file(index).transpose());
        Ok(Self { files: files.collect::<Result<_>>()? })
    }
}

impl ColumnSource for SpilledColumns {
    fn read(&self, columns: &[usize], visit: &mut dyn FnMut(&[&[f64]])) -> io::Result<()> {
        let mut buffers = vec![Vec::new(); columns.len()];
        for path in &self.files {
            let named = |error: io::Error| {
                io::Error::new(
                    error.kind(),
                    format!("cannot read `{}`: {error}", path.display()),
                )
            };
            read_file(path, columns, &mut buffers, visit).map_err(named)?;
        }
        Ok(())
    }
}

fn read_file(
    path: &Path,
    columns: &[usize],
    buffers: &mut [Vec<f64>],
    visit: &mut dyn FnMut(&[&[f64]]),
) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let (count, rows) = (read_word(&mut file)?, read_word(&mut file)?);
    if columns.iter().any(|&column| column as u64 >= count) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no such column"));
    }
    for (&column, buffer) in columns.iter().zip(&mut *buffers) {
        file.seek(SeekFrom::Start(8 * (HEADER + column as u64 * rows)))?;
        buffer.clear();
        for _ in 0..rows {
            buffer.push(f64::from_bits(read_word(&mut file)?));
        }
    }
    // A shard at once: it was in memory when it was written, and the rows of a twin stay together.
    visit(&buffers.iter().map(Vec::as_slice).collect::<Vec<_>>());
    Ok(())
}

fn read_word(file: &mut impl Read) -> io::Result<u64> {
    let mut word = [0; 8];
    file.read_exact(&mut word)?;
    Ok(u64::from_le_bytes(word))
}
