//! JPEG headers: enough parsing to know the size of a picture and where it ends.
