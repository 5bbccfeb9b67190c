package objects

import (
	"net/url"
	"slices"
	"strings"
)

// The letters of the catalogue beside those of [endpoints].
const (
	letterCopies    = 'k' // POST /obj knows copySourceID
	letterShares    = 'h' // PUT /obj/share, /obj/{id}/share and the other three
	letterSecondary = '2' // cannot be asked for alone
	letterUnknown   = '?' // the OpenAPI description does not have it
)

// endpoints tells what the letters of the catalogue stand for.
var endpoints = [...]struct {
	letter       byte
	method, tail string
}{
	{'G', "GET", ""}, {'U', "PUT", ""}, {'C', "POST", ""}, {'D', "DELETE", ""},
	{'g', "GET", "/{id}"}, {'u', "PUT", "/{id}"}, {'d', "DELETE", "/{id}"},
	{'s', "GET", "/search"}, {'c', "GET", "/count"}, {'r', "GET", "/report"},
}

func (o Object) has(letter byte) bool { return strings.IndexByte(o.endpoints(), letter) >= 0 }

// Endpoint is a method and a path below the version, such as GET proj/search.
type Endpoint struct{ Method, Path string }

// Request is what a verb is sent as. A name is that of a query or an action. With an ID the object stands in the path where
// the verb has a form like that; [Get], and [Update] and [Delete] without, take theirs from parameters. Uploads and downloads
// are more than one request, and not answered here.
func (o Object) Request(verb, name, id string) Endpoint {
	path := o.Path()
	one := path
	if id != "" {
		one += "/" + url.PathEscape(id)
	}
	switch verb {
	case Search, Count, Report:
		return Endpoint{"GET", path + "/" + verb}
	case Query:
		return Endpoint{"GET", path + "/" + url.PathEscape(name)}
	case Describe:
		return Endpoint{"GET", path + "/metadata"}
	case Create, Copy:
		return Endpoint{"POST", path}
	case Update:
		return Endpoint{"PUT", one}
	case Delete:
		return Endpoint{"DELETE", one}
	case Action:
		return Endpoint{"PUT", one + "/" + url.PathEscape(name)}
	}
	return Endpoint{"GET", path}
}

// Operations are the endpoints of this type in the OpenAPI description, {id} standing for an ID. There are none for a type
// that it does not have.
func (o Object) Operations() []Endpoint {
	var all []Endpoint
	path := o.Path()
	for _, e := range endpoints {
		if o.has(e.letter) {
			all = append(all, Endpoint{e.method, path + e.tail})
		}
	}
	for _, action := range o.Actions() {
		all = append(all, Endpoint{"PUT", path + "/" + action})
		if o.has(letterShares) && slices.Contains(shares[:], action) {
			all = append(all, Endpoint{"PUT", path + "/{id}/" + action})
		}
	}
	for _, query := range o.Queries() {
		all = append(all, Endpoint{"GET", path + "/" + query})
	}
	return all
}
