//! A capture time written into pixels, readable after JPEG and scaling.
