package workfront

import "strings"

// The parameters and values that begin with $$, as far as a shell's number before them can be nothing else.
var (
	shellKeys   = [...]string{"LIMIT", "FIRST", "ROLLUP"}
	shellValues = [...]string{"TODAY", "NOW", "USER", "CUSTOMER"}
)

// MeantDollars tells a parameter in which a shell seems to have replaced $$ by the number of its process, as in "4711LIMIT=5" and
// "ownerID=4711USER.ID", and gives the one that was meant. Workfront answers such a filter with an empty list and no error.
func MeantDollars(f Field) (meant Field, ok bool) {
	for _, name := range shellKeys {
		if afterNumber(f.Key) == name {
			return Field{"$$" + name, f.Value}, true
		}
	}
	rest := afterNumber(f.Value)
	for _, name := range shellValues {
		if strings.HasPrefix(rest, name) {
			return Field{f.Key, "$$" + rest}, true
		}
	}
	return f, false
}

// afterNumber is what follows the digits that s begins with; nothing where it begins with none.
func afterNumber(s string) string {
	rest := strings.TrimLeft(s, "0123456789")
	if len(rest) == len(s) {
		return ""
	}
	return rest
}
