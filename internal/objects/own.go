package objects

import (
	"strings"
)

// Workfront's own filter parameters are taken as they are: people copy them from reports, and a field whose name holds an
// operator can be written in no other way.

// ownParameter reads a filter that is a parameter of Workfront's own already.
func ownParameter(text string) (p Param, ok bool, err error) {
	if value, found := strings.CutPrefix(text, "filters="); found {
		return Param{"filters", value}, true, nil
	}
	if prefixed(text) {
		name, value, found := strings.Cut(text, "=")
		if !found || strings.ContainsAny(name[len(name)-1:], "<>!~") && !strings.Contains(name, custom) {
			return Param{}, false, &Malformed{Text: text, Why: "what begins like this is Workfront's own parameter, NAME=VALUE; " +
				"groups of our own filters are made by --or and --and"}
		}
		return Param{name, value}, true, nil
	}
	for _, suffix := range suffixes {
		name, value, found := strings.Cut(text, suffix+"=")
		if !found || name == "" || strings.Contains(name, "=") {
			continue
		}
		if strings.ContainsAny(name, "<>~") && !strings.Contains(name, custom) {
			continue // as in name~a_Mod=b
		}
		return Param{name + suffix, value}, true, nil
	}
	return Param{}, false, nil
}

// suffixes are what Workfront puts after the name of a field to say how, and up to what, it is compared.
var suffixes = [...]string{"_Mod", "_Range"}

// field is the name that a parameter is about, without a suffix.
func (p Param) field() string {
	for _, suffix := range suffixes {
		if name, ok := strings.CutSuffix(p.Key, suffix); ok {
			return name
		}
	}
	return p.Key
}

// prefixed says whether a filter begins with AND:1:, OR:1: or EXISTS:1:, the number being any text without a colon.
func prefixed(text string) bool {
	for _, word := range [...]string{"AND:", "OR:", "EXISTS:"} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			number := strings.IndexByte(rest, ':')
			return number > 0 && !strings.ContainsAny(rest[:number], "=<>~")
		}
	}
	return false
}

// reserved are the names that the server reads otherwise before it comes to filters: as a login, or as what to do. Sent as
// filters they would at best be lost, and at worst delete something.
var reserved = [...]string{
	"username", "password", "apiKey", "sessionID",
	"method", "action", "updates", "atomic", "force", "copySourceID", "map", "fields", "filters", "listOptions", "jsonp", "uri",
}

func isReserved(name string) bool {
	for _, r := range reserved {
		if strings.EqualFold(name, r) {
			return true
		}
	}
	return false
}
