//! What tests share: pictures with a readable time, free ports, real programs as children. Dev only.
