//! Tables to Parquet files and the run manifest; users' tables to columns
