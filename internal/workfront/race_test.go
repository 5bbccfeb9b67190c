//go:build race

package workfront

// histories is how many each check of an exactness property runs. The race detector makes them ten times slower.
const histories = 20
