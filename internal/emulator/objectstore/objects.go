package objectstore

import "strings"

// get answers with the object that is named, or with the list of those in the parameters.
func (q *query) get(dst []byte, t *table) ([]byte, error) {
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, id := range q.ids() {
		if isWildcard(id) { // as Workfront's own clients ask for who is logged in
			ids = append(ids, q.wildcards(id)...)
			continue
		}
		ids = append(ids, id)
	}
	rows, err := q.find(t, ids)
	if err != nil {
		return nil, err
	}
	return q.appendRows(dst, selected, rows), nil
}

// ids reads which objects a request is about.
func (q *query) ids() (ids []string) {
	if q.ID != "" {
		return []string{q.ID}
	}
	for _, name := range []string{"ID", "id", "ids"} {
		for _, list := range q.Params.All(name) {
			for id := range strings.SplitSeq(list, ",") {
				if id = strings.TrimSpace(id); id != "" {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// find finds all those objects or none.
func (q *query) find(t *table, ids []string) ([]int32, error) {
	if len(ids) == 0 {
		return nil, unsupported("you must specify an ID")
	}
	rows := make([]int32, len(ids))
	for n, text := range ids {
		var err error
		if rows[n], err = t.find(text); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (t *table) find(text string) (int32, error) {
	if i, ok := parseID(text); ok {
		if row, ok := t.row(i); ok {
			return row, nil
		}
	}
	return 0, notFound(t.class, text)
}

// appendRows writes the object that was named, or the list of those in the parameters.
func (q *query) appendRows(dst []byte, selected *selection, rows []int32) []byte {
	if q.ID != "" {
		return selected.appendObject(dst, rows[0], q.Version)
	}
	return appendList(dst, selected, rows, q.Version)
}

// IsID tells an ID from a name, in any case.
func IsID(s string) bool {
	_, ok := parseID(strings.ToLower(s))
	return ok
}
