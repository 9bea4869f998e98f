//! [`Store`]: one session in a file, shared by processes.
//!
//! Compare-and-swap: a snapshot is taken only if its generation is the next one. A lock file keeps two
//! processes from comparing at the same time, and a rename makes the write all or nothing. A process
//! that dies with the lock in its hand leaves it behind, so that writes fail from then on; a database
//! does better.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use grantwire::flow::{Persisted, SecretSnapshot};

/// How long another process may hold the lock.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Store {
    file: PathBuf,
    lock: PathBuf,
}

impl Store {
    pub fn at(folder: &Path) -> Self {
        Self { file: folder.join("session"), lock: folder.join("lock") }
    }

    /// The stored snapshot, if there is one.
    pub fn load(&self) -> io::Result<Option<SecretSnapshot>> {
        match fs::read(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => SecretSnapshot::from_bytes(&read?).map(Some).map_err(io::Error::other),
        }
    }

    /// Takes a snapshot, or says which one it holds instead. A store that fails is not asked why: the
    /// machine will offer the snapshot again.
    pub fn swap(&self, snapshot: &SecretSnapshot) -> Persisted<SecretSnapshot> {
        self.try_swap(snapshot).unwrap_or(Persisted::Failed)
    }

    fn try_swap(&self, snapshot: &SecretSnapshot) -> io::Result<Persisted<SecretSnapshot>> {
        let _held = Lock::take(&self.lock)?;
        let stored = self.load()?;
        let generation = stored.as_ref().map_or(0, SecretSnapshot::generation);
        match stored {
            Some(stored) if generation.saturating_add(1) != snapshot.generation() => {
                Ok(Persisted::Conflict(stored))
            }
            _ => {
                let new = self.file.with_extension("new");
                let mut file = private(OpenOptions::new().write(true).create(true).truncate(true))
                    .open(&new)?;
                file.write_all(&snapshot.to_bytes())?;
                file.sync_all()?;
                fs::rename(&new, &self.file)?;
                Ok(Persisted::Stored)
            }
        }
    }
}

/// For the eyes of this user only: there are tokens in it.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A file that only one process can make.
struct Lock<'a>(&'a Path);

impl<'a> Lock<'a> {
    fn take(path: &'a Path) -> io::Result<Self> {
        let began = Instant::now();
        loop {
            match File::create_new(path) {
                Ok(_) => return Ok(Self(path)),
                Err(error)
                    if error.kind() == ErrorKind::AlreadyExists && began.elapsed() < PATIENCE =>
                {
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // If it cannot be removed, the next process will find out.
        let _ = fs::remove_file(self.0);
    }
}
