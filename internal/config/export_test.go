package config

// APIVersion is for the test of its table.
var APIVersion = apiVersion
