package objectstore

import "strings"

func isWildcard(text string) bool { return strings.HasPrefix(text, "$$USER.") || text == "$$CUSTOMER" }

// wildcards are the values that $$USER.roleID and its like stand for: one, several, or none.
func (q *query) wildcards(name string) []string {
	if name == "$$CUSTOMER" {
		return []string{q.store.customerID}
	}
	users := q.store.tables["USER"]
	i, ok := parseID(q.UserID)
	row, found := users.row(i)
	if !ok || !found {
		return nil
	}
	of := func(field string) []string {
		f := users.class.field(field)
		v := users.get(f, row)
		if v.null {
			return nil
		}
		return []string{q.store.tables[f.target].ids[int32(v.number)].String()}
	}
	switch strings.TrimPrefix(name, "$$USER.") {
	case "ID":
		return []string{q.UserID}
	case "homeGroupID", "homeTeamID", "companyID", "roleID":
		return of(strings.TrimPrefix(name, "$$USER."))
	case "roleIDs":
		return of("roleID")
	case "otherGroupIDs":
		return nil // nobody is in a second group here
	case "homeTeamIDs", "teamIDs":
		return q.teams(row)
	}
	return []string{name}
}

// teams are the IDs of the teams that a user is a member of.
func (q *query) teams(user int32) (ids []string) {
	members, teams := q.store.tables["TEAMMB"], q.store.tables["TEAMOB"]
	team := members.class.field("teamID")
	for _, row := range members.referring(members.class.field("userID"), user) {
		if v := members.get(team, row); !v.null {
			ids = append(ids, teams.ids[int32(v.number)].String())
		}
	}
	return ids
}
