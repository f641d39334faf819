package shellproof_test.rule.finding
