// The first file of this module; replaced by its first idea.
