// Package objects knows what Workfront's objects are: the catalogue of their types, the paths of their fields, how a filter
// becomes parameters, what a tenant's metadata says, and how text becomes a value. It sends nothing: each function takes
// and gives values, so that what it knows can be tested without a server.
package objects

// Param is one parameter of a request. Their order matters, and names may repeat.
type Param struct{ Key, Value string }

// Known gives the metadata of an object type by its code, or nil where it is not at hand. What depends on metadata that
// is not there counts as right: the server will say.
type Known func(code string) *Metadata
