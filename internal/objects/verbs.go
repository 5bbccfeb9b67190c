package objects

import "slices"

// A verb is what a command does with an object.
const (
	Search   = "search"
	Get      = "get"
	Count    = "count"
	Report   = "report"
	Query    = "query"
	Describe = "describe"
	Create   = "create"
	Update   = "update"
	Upsert   = "upsert"
	Delete   = "delete"
	Copy     = "copy"
	Action   = "action"
	Upload   = "upload"
	Download = "download"
)

// verbs in the order in which people look for them, each with what it does.
var verbs = [...][2]string{
	{Search, "list those that match filters"},
	{Get, "one or several by ID"},
	{Count, "how many match filters"},
	{Report, "sums and counts by group"},
	{Query, "a query that Workfront has a name for"},
	{Describe, "fields, references, collections, actions and queries"},
	{Create, "make one, or many from a file"},
	{Update, "change one, or many from a file"},
	{Upsert, "create what is not there and update what differs"},
	{Delete, "delete by ID"},
	{Copy, "make one like another"},
	{Action, "have Workfront do something with it"},
	{Upload, "files as new documents"},
	{Download, "documents as files"},
}

// IsVerb says whether a word is a verb, of whatever object.
func IsVerb(word string) bool {
	return slices.ContainsFunc(verbs[:], func(v [2]string) bool { return v[0] == word })
}

// Secondary says that objects of this type are reached through others only: the server refuses to search them.
func (o Object) Secondary() bool { return o.has(letterSecondary) }

// Documented says whether the catalogue knows the endpoints of this type. Where it does not, the general ones are assumed.
func (o Object) Documented() bool { return !o.has(letterUnknown) }

// Verbs are those that this type has: what the tenant's metadata allows where it is at hand (m may be nil), and else what the
// catalogue knows.
func (o Object) Verbs(m *Metadata) []string {
	var has []string
	for _, v := range verbs {
		if o.verb(v[0], m) {
			has = append(has, v[0])
		}
	}
	return has
}

func (o Object) verb(verb string, m *Metadata) bool {
	if verb == Describe {
		return true
	}
	if verb == Upload || verb == Download {
		return o.Code == "DOCU"
	}
	if m != nil && len(m.Operations) > 0 && m.allows(verb) {
		return true
	}
	if !o.Documented() {
		return true
	}
	switch verb {
	case Search:
		return o.has('s')
	case Get:
		return o.has('G')
	case Count:
		return o.has('c')
	case Report:
		return o.has('r')
	case Create:
		return o.has('C')
	case Update:
		return o.has('u')
	case Upsert:
		return o.has('s') && o.has('C') && o.has('u')
	case Delete:
		return o.has('d')
	case Copy:
		return o.has('C') // the description names copySourceID for some; the guide says it of all
	case Query:
		return len(o.Queries()) > 0 || m == nil || len(m.Queries) > 0
	case Action:
		return len(o.Actions()) > 0 || m == nil || len(m.Actions) > 0
	}
	return false
}

// Verb checks a verb; the error is an [Unknown].
func (o Object) Verb(verb string, m *Metadata) error {
	if o.verb(verb, m) {
		return nil
	}
	return &Unknown{Kind: KindVerb, Name: verb, In: o.Path(), Nearest: Nearest(verb, Names(o.Verbs(m)))}
}

// Action checks the name of an action against the tenant's metadata, if it is at hand, and the catalogue. The error is an
// [Unknown]; without metadata any name may be one.
func (o Object) Action(name string, m *Metadata) error {
	if m == nil || slices.Contains(o.Actions(), name) || m.Action(name) != nil {
		return nil
	}
	return &Unknown{Kind: KindAction, Name: name, In: o.Path(), Nearest: Nearest(name, Names(o.Actions(), callNames(m.Actions)))}
}

// Query checks the name of a query as [Object.Action] does that of an action.
func (o Object) Query(name string, m *Metadata) error {
	if m == nil || slices.Contains(o.Queries(), name) || m.Query(name) != nil {
		return nil
	}
	return &Unknown{Kind: KindQuery, Name: name, In: o.Path(), Nearest: Nearest(name, Names(o.Queries(), callNames(m.Queries)))}
}

func callNames(calls []Call) []string {
	all := make([]string, len(calls))
	for i, c := range calls {
		all[i] = c.Name
	}
	return all
}
