package secrets

// keyringLimit is what one line of `security -i` can carry: 4,096 bytes with
// the command, the account and the newline, and the value in base64. At
// exactly 4,096 a failed write would pass for a good one.
func keyringLimit(account string) int {
	const command = len("add-generic-password -U -s wfauth -a '' -w 'go-keyring-base64:'\n")
	return min(3000, (4095-command-len(account))/4*3)
}
