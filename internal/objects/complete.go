package objects

import (
	"slices"
	"sort"
	"strings"
)

// Candidate is what a word on the command line may become, and a few words about it. Where More is set the word goes on:
// no blank is to follow it.
type Candidate struct {
	Text, Description string
	More              bool
}

// beginning keeps the candidates that a word may become.
func beginning(word string, all []Candidate) []Candidate {
	return slices.DeleteFunc(all, func(c Candidate) bool { return !strings.HasPrefix(c.Text, word) })
}

// CompleteObjects completes the name of an object: its code or issue, or where none begins so its name.
func CompleteObjects(word string) []Candidate {
	word = strings.ToLower(word)
	var codes, longs []Candidate
	for o := range All() {
		codes = append(codes, Candidate{Text: o.Path(), Description: o.Label})
		longs = append(longs, Candidate{Text: strings.ToLower(o.Name), Description: o.Label})
		if o.Code == "OPTASK" {
			codes = append(codes, Candidate{Text: issue, Description: o.Label})
		}
	}
	if codes = beginning(word, codes); len(codes) > 0 {
		return codes
	}
	return beginning(word, longs)
}

// CompleteVerbs completes a verb of an object. m may be nil.
func CompleteVerbs(word string, o Object, m *Metadata) []Candidate {
	var all []Candidate
	for _, v := range verbs {
		if o.verb(v[0], m) {
			all = append(all, Candidate{Text: v[0], Description: v[1]})
		}
	}
	return beginning(word, all)
}

// CompleteActions completes the name of an action. m may be nil.
func CompleteActions(word string, o Object, m *Metadata) []Candidate {
	if m == nil {
		return completeCalls(word, o.Actions(), nil)
	}
	return completeCalls(word, o.Actions(), m.Actions)
}

// CompleteQueries completes the name of a query. m may be nil.
func CompleteQueries(word string, o Object, m *Metadata) []Candidate {
	if m == nil {
		return completeCalls(word, o.Queries(), nil)
	}
	return completeCalls(word, o.Queries(), m.Queries)
}

func completeCalls(word string, known []string, calls []Call) []Candidate {
	var all []Candidate
	for _, c := range calls {
		var arguments []string
		for _, a := range c.Arguments {
			arguments = append(arguments, a.Name)
		}
		all = append(all, Candidate{Text: c.Name, Description: strings.Join(arguments, " ")})
	}
	for _, name := range known {
		if !slices.ContainsFunc(calls, func(c Call) bool { return c.Name == name }) {
			all = append(all, Candidate{Text: name})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Text < all[j].Text })
	return beginning(word, all)
}

// CompleteArguments completes the name of an argument of an action or query, with its =.
func CompleteArguments(word string, c *Call) []Candidate {
	var all []Candidate
	if c != nil {
		for _, a := range c.Arguments {
			all = append(all, Candidate{a.Name + "=", a.Type, true})
		}
	}
	return beginning(word, all)
}

// CompletePath completes the path of a field. A reference goes on with a colon.
func CompletePath(word string, o Object, known Known) []Candidate {
	below, m := walk(word, o, known)
	if m == nil {
		return nil
	}
	var all []Candidate
	for _, f := range m.Fields {
		switch f.Role {
		case Reference, Collection:
			if f.Target != "" && strings.Count(below, ":") < maxReferences {
				all = append(all, Candidate{below + f.Name + ":", f.Label, true})
			}
		default:
			all = append(all, Candidate{Text: below + f.Name, Description: f.Label})
		}
	}
	return beginning(word, all)
}

// walk follows the references that a word holds already. The metadata is nil where they lead to what is not known.
func walk(word string, o Object, known Known) (below string, m *Metadata) {
	m = known(o.Code)
	for m != nil && !strings.HasPrefix(word[len(below):], custom) {
		name, _, more := strings.Cut(word[len(below):], ":")
		if !more {
			break
		}
		f := m.Field(name)
		if f == nil || f.Target == "" {
			return below, nil
		}
		below += name + ":"
		m = known(f.Target)
	}
	return below, m
}

// CompleteList completes the last item of a list with commas, each but the first of which may be completed like the first.
func CompleteList(word string, item func(word string) []Candidate) []Candidate {
	before := word[:strings.LastIndexByte(word, ',')+1]
	all := item(word[len(before):])
	for i := range all {
		all[i].Text = before + all[i].Text
	}
	return all
}

// CompleteFields completes the list of fields to show.
func CompleteFields(word string, o Object, known Known) []Candidate {
	return CompleteList(word, func(word string) []Candidate { return CompletePath(word, o, known) })
}

// CompleteSort completes the list of fields to sort by.
func CompleteSort(word string, o Object, known Known) []Candidate {
	return CompleteList(word, func(word string) []Candidate {
		name, descending := strings.CutPrefix(word, "-")
		all := slices.DeleteFunc(CompletePath(name, o, known), func(c Candidate) bool {
			path, err := ParsePath(c.Text)
			return err == nil && path.Custom()
		})
		for i := range all {
			if descending {
				all[i].Text = "-" + all[i].Text
			}
		}
		return all
	})
}

// CompleteAggregates completes the list of aggregates of a report.
func CompleteAggregates(word string, o Object, known Known) []Candidate {
	return CompleteList(word, func(word string) []Candidate {
		function, field, ok := strings.Cut(word, ":")
		if !ok {
			var all []Candidate
			for _, f := range functions {
				all = append(all, Candidate{f[0] + ":", f[1], true})
			}
			return beginning(word, all)
		}
		all := CompletePath(field, o, known)
		for i := range all {
			all[i].Text = function + ":" + all[i].Text
		}
		return all
	})
}
