package config

// CheckAPIVersion is for the test of its table.
var CheckAPIVersion = checkAPIVersion
