package workfront

import "testing"

func TestMeantDollars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, meant Field }{
		{Field{"4711LIMIT", "5"}, Field{"$$LIMIT", "5"}},
		{Field{"1FIRST", "0"}, Field{"$$FIRST", "0"}},
		{Field{"12345ROLLUP", "true"}, Field{"$$ROLLUP", "true"}},
		{Field{"ownerID", "4711USER.ID"}, Field{"ownerID", "$$USER.ID"}},
		{Field{"entryDate", "4711TODAYbm-1m"}, Field{"entryDate", "$$TODAYbm-1m"}},
		{Field{"entryDate", "4711NOW"}, Field{"entryDate", "$$NOW"}},
		{Field{"ID", "1CUSTOMER"}, Field{"ID", "$$CUSTOMER"}},
		{Field{"$$LIMIT", "5"}, Field{}},
		{Field{"LIMIT", "5"}, Field{}},
		{Field{"4711LIMITS", "5"}, Field{}},
		{Field{"name", "2026 TODAY"}, Field{}},
		{Field{"name", "USER"}, Field{}},
		{Field{"name", "4711"}, Field{}},
		{Field{"ownerID", "$$USER.ID"}, Field{}},
	} {
		got, ok := MeantDollars(c.given)
		if ok != (c.meant != Field{}) || ok && got != c.meant {
			t.Errorf("%v: %v, %v; want %v", c.given, got, ok, c.meant)
		}
	}
}
