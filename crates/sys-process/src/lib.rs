//! The fence around child processes: they live in their own group and die with the parent.
