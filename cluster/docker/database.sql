-- The application's role and database, and the passwords of both roles. monitoring-role.sql does the rest.
SELECT 'CREATE ROLE trading LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trading') \gexec
ALTER ROLE trading PASSWORD :'trading_verifier';
SELECT 'CREATE ROLE submilli LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'submilli') \gexec
ALTER ROLE submilli PASSWORD :'submilli_verifier';
SELECT 'CREATE DATABASE grandmodel OWNER trading'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'grandmodel') \gexec
