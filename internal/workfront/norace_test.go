//go:build !race

package workfront

// histories is how many each check of an exactness property runs; rapid makes a hundred checks.
const histories = 100
